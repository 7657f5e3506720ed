import type { Button } from '@slack/web-api';
import type { RevokeOutcome } from '../../services/answers/consent/revoke';
import type { Message } from '../../services/messages/messenger';
import { ids } from './ids';
import { actions, button, code, codeList, plain, section } from './text';

const NOTHING = 'You have granted nothing, so there is nothing to take back.';
const CONSEQUENCE =
  'Slack revokes your whole token: all of it ends at once, and single permissions cannot be taken back alone. You can grant them again at any time.';

const IN_SLACK_STEPS = 'open the app’s profile, choose *Configuration*, and remove your authorization.';
const IN_SLACK = `Take it back in Slack itself: ${IN_SLACK_STEPS}`;

const revokeButton = button(ids.actions.revoke, 'Take it back', { style: 'danger' });

/** The same where no question stands around it: Slack asks before it sends the press. */
export const revokeButtonWithConfirmation: Button = {
  ...revokeButton,
  confirm: {
    title: plain('Take back all of it?'),
    text: plain(CONSEQUENCE),
    confirm: plain('Take it back'),
    deny: plain('Keep it'),
    style: 'danger',
  },
};

/** What `/permissions revoke` answers: what would go, and a button that does it. */
export function confirmRevokeMessage(held: readonly string[]): Message {
  if (held.length === 0) return { text: NOTHING };
  const what = `Take back ${codeList(held)}?`;
  return {
    text: what,
    blocks: [
      section(`*${what}*\n${CONSEQUENCE}`),
      actions(revokeButton, button(ids.actions.keep, 'Keep it')),
    ],
  };
}

/** Said where Slack does not let us delete the question. */
export const keptMessage: Message = { text: 'You keep it: nothing was changed.' };

/** What comes of the press. */
export function revokeMessage(outcome: RevokeOutcome): Message {
  switch (outcome.kind) {
    case 'revoked':
      return outcome.scopes.length === 0
        ? { text: NOTHING }
        : {
            text: `Done: ${codeList(outcome.scopes)} no longer stand. Slack has revoked your token for this app.`,
          };
    case 'nothing':
      return { text: NOTHING };
    case 'only_in_slack':
      return {
        text: `${codeList(outcome.scopes)} were granted in Slack’s own prompt, and only Slack takes them back: ${IN_SLACK_STEPS} It is recorded here at once.`,
      };
    case 'failed':
      return { text: toFailure(outcome) };
  }
}

function toFailure({ error, stands }: Extract<RevokeOutcome, { kind: 'failed' }>): string {
  if (error === 'secret_unreadable') {
    return `This app can no longer read your token, so it cannot take it back: all of it still stands. ${IN_SLACK} Please tell an admin, too.`;
  }
  const again = `Try ${code(`${ids.command} revoke`)} again in a minute. If it stays so, take it back in Slack itself: ${IN_SLACK_STEPS}`;
  switch (stands) {
    case 'all':
      return `It did not work (${code(error)}), and nothing was changed: Slack did not confirm it, so your token still stands. ${again}`;
    case 'token':
      return `It worked in part: your token can no longer be renewed, but Slack did not confirm (${code(error)}) that it has ended. It still stands, for some hours. ${again}`;
    case 'refresh_token':
      return `It worked in part: your token has ended, but Slack did not confirm (${code(error)}) the same of the one that renews it. What you granted still stands. ${again}`;
  }
}
