import type { KnownBlock, View } from '@slack/web-api';
import type { ConsentOutcome } from '../../services/answers/consent/outcome';
import { ACCESS_DENIED, NOT_STORED } from '../../services/answers/consent/record';
import type { Catalog } from '../../services/config/catalog';
import type { PermissionPrompt } from '../../services/permissions/backend';
import { ids } from './ids';
import { actions, button, code, codeList, escapeText, plain, section, sections } from './text';

const TITLE = 'Grant permissions';

/** The modal of the `oauth` backend: what is asked, why, who gets it, and the way to Slack's own consent page. */
export function consentView(
  catalog: Catalog,
  { requestId, scopes, trigger }: PermissionPrompt,
  url: string,
): View {
  const lines = scopes.map((scope) => {
    const entry = catalog.find(scope);
    if (entry === undefined) return `• ${code(scope)}`;
    return `• *${escapeText(entry.label)}* (${code(scope)})\n   ${escapeText(entry.reason)}`;
  });
  return modal([
    section('*Scopekeeper asks you for*'),
    ...sections(lines),
    section(
      `Only this app gets it, to act for you in this workspace. *Allow in Slack* opens Slack’s own page, where you decide: be signed in there as <@${trigger.userId}>, since the link is for you alone. \`/permissions revoke\` takes it back at any time.`,
    ),
    actions(
      button(ids.actions.allow, 'Allow in Slack', { style: 'primary', url }),
      button(ids.actions.decline, 'Not now', { value: requestId }),
    ),
  ]);
}

/** What the modal turns into when the answer is there. */
export function consentOutcomeView(outcome: ConsentOutcome): View {
  return modal([section(toSentence(outcome))]);
}

/** The outcome in words, for the modal and for the page. */
export function toSentence(outcome: ConsentOutcome): string {
  switch (outcome.kind) {
    case 'granted':
      return outcome.leftOut.length === 0
        ? `Done: you granted ${codeList(outcome.granted)}.`
        : `You granted ${codeList(outcome.granted)}, and ${toLeftOut(outcome.leftOut)}`;
    case 'not_granted':
      return `You ${toLeftOut(outcome.scopes)}`;
    case 'denied':
      return `You did not grant ${codeList(outcome.scopes)}. You can change your mind with ${code(ids.command)}.`;
    case 'wrong_account':
      return `Another Slack account than <@${outcome.userId}>’s answered, or it answered for another workspace. Nothing was granted for you. Sign in to Slack in your browser as yourself, and ask again with ${code(ids.command)}.`;
    case 'failed':
      // Slack does not say which of the two.
      if (outcome.error === ACCESS_DENIED)
        return `Nothing was granted: you said no, or your workspace does not allow this app yet. If it was not you, ask an admin to allow it; then ask again with ${code(ids.command)}. Reference: ${code(outcome.reference)}.`;
      if (outcome.error === NOT_STORED)
        return `You answered, but it could not be stored, so nothing was granted. Ask again with ${code(ids.command)}; if it stays so, tell an admin the reference ${code(outcome.reference)}.`;
      return `It did not work, and nothing was granted: Slack answered ${code(outcome.error)}. Ask again with ${code(ids.command)}; if it stays so, tell an admin the reference ${code(outcome.reference)}.`;
  }
}

/** The rest of a sentence about scopes that were asked and are not in the consent. Slack does not say why. */
export function toLeftOut(scopes: readonly string[]): string {
  return `did not grant ${codeList(scopes)}: you left it out, or your workspace does not allow it yet. If you need it, ask an admin, then ask again with ${code(ids.command)}.`;
}

function modal(blocks: KnownBlock[]): View {
  return { type: 'modal', title: plain(TITLE), close: plain('Close'), blocks };
}
