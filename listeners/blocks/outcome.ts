import type { KnownBlock } from '@slack/web-api';
import type { Message } from '../../services/messages/messenger';
import type { AskOutcome } from '../../services/permissions/permissions';
import { toCause } from '../../services/slack/errors';
import { ids } from './ids';
import { actions, button, code, codeList, section } from './text';

const START_AGAIN = `Type ${code(ids.command)} to see what can be asked.`;

/** What the user is told about an outcome; undefined where Slack's own prompt is on their screen. */
export function outcomeMessage(outcome: AskOutcome): Message | undefined {
  switch (outcome.kind) {
    case 'shown':
      return undefined;
    case 'nothing_chosen':
      return text(
        `Choose at least one permission, such as ${code(`${ids.command} request dnd:write:user`)}. ${START_AGAIN}`,
      );
    case 'not_in_catalog':
      return text(
        `${codeList(outcome.unknownScopes)} cannot be asked for here, so nothing was asked. ${START_AGAIN}`,
      );
    case 'already_granted':
      return text(`You have granted ${codeList(outcome.scopes)} already: there is nothing left to ask.`);
    case 'already_asked':
      return shownMessage(outcome.request);
    case 'queued':
      return text(toQueueNote(outcome));
    case 'continue':
      return continueMessage(toReason(outcome.error), outcome.request);
    case 'refused':
      return text(
        `${codeList(outcome.request.scopes)} cannot be asked of <@${outcome.request.userId}>: ${toRefusal(outcome.error)} (${code(outcome.error)}).`,
      );
    case 'admin_must_act':
      return text(
        `Slack does not let this app ask for permissions here (${code(outcome.error)}). An admin has to act: tell them the reference ${code(outcome.request.id)}.`,
      );
    case 'failed':
      return text(
        `It did not work, and nothing was granted: Slack answered ${code(outcome.error)}. If it stays so, tell an admin the reference ${code(outcome.request.id)}.`,
      );
    case 'request_not_found':
      return text(`This request is no longer there. ${START_AGAIN}`);
  }
}

/** Something of ours failed. The operator finds the reference in the log. */
export function faultMessage(reference: string): Message {
  return text(
    `Something went wrong on our side, so this may not be done. Try again in a minute; if it stays so, tell an admin the reference ${code(reference)}.`,
  );
}

/** The user's turn in the rate-limit queue has come. */
export function calledMessage(request: { id: string; scopes: string[] }): Message {
  return continueMessage('It is your turn, for a minute.', request);
}

function toQueueNote({ request, ticket, perMinute }: Extract<AskOutcome, { kind: 'queued' }>): string {
  const minutes = Math.max(1, Math.round(ticket.waitMs / 60_000));
  const about = `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  return `Many people ask at once, and Slack takes about ${perMinute} of these a minute. You are number ${ticket.position}, about ${about}. You get a *Continue* button for ${codeList(request.scopes)} when it is your turn: there is nothing to type again.`;
}

function continueMessage(why: string, request: { id: string; scopes: string[] }): Message {
  return {
    text: `${why} Press Continue to go on.`,
    blocks: [
      section(`${why}\nPress *Continue* to go on with ${codeList(request.scopes)}.`),
      continueButton('Continue', request),
    ],
  };
}

/** For a user who has closed the prompt: a press brings a trigger that can show it again. */
function shownMessage(request: { id: string; scopes: string[] }): Message {
  const sentence = `You are being asked for ${codeList(request.scopes)} already, and the question waits for your answer.`;
  return {
    text: `${sentence} If it is no longer on your screen, press Show it again.`,
    blocks: [
      section(`${sentence}\nIf it is no longer on your screen, press *Show it again*.`),
      continueButton('Show it again', request),
    ],
  };
}

function continueButton(label: string, { id }: { id: string }): KnownBlock {
  return actions(button(ids.actions.continue, label, { style: 'primary', value: id }));
}

/** Why a fresh trigger is needed, in one sentence. */
export function toReason(error: string): string {
  if (error.startsWith('http_')) return `Slack has a fault of its own (HTTP ${error.slice('http_'.length)}).`;
  if (toCause(error) === 'slack_fault')
    return `Slack had a fault of its own (${code(error)}): its question may not have been shown.`;
  return REASONS.get(error) ?? `The moment in which Slack lets an app ask was over (${code(error)}).`;
}

const REASONS = new Map([
  ['no_trigger', 'One more step: Slack shows its question right after a press of a button.'],
  ['no_time_left', 'This took longer than the three seconds that Slack gives, so it was not asked.'],
  ['timeout', 'Slack did not answer within the three seconds that it gives.'],
  ['network_error', 'Slack could not be reached.'],
  ['invalid_response', 'What came back was not an answer of Slack’s.'],
  ['ratelimited', 'Slack is being asked too often right now: wait a minute.'],
]);

function toRefusal(error: string): string {
  if (error === 'invalid_scope') return 'Slack does not know such a permission';
  if (error === 'invalid_user') return 'Slack finds no such person in this workspace';
  return 'Slack asks people, not bots';
}

function text(sentence: string): Message {
  return { text: sentence };
}
