import { parse } from 'node:querystring';
import { NAME_LIMIT } from '../services/slack/name-limit';

type Fields = Record<string, unknown>;

/**
 * What to do with a signed body:
 *
 * - `deliver`: Bolt finds the listener
 * - `acknowledge`: nothing for a listener in it, and Bolt would let it hang for three seconds
 * - `refuse`: not something that Slack sends; Bolt would fail on it, or end the process
 */
export type BodyVerdict =
  | { is: 'deliver'; body: Readonly<Record<string, unknown>> }
  | { is: 'acknowledge'; type: string }
  | { is: 'refuse'; why: string };

/** Reads a body as Bolt will, and looks whether it has the fields that Bolt takes for granted. */
export function judgeBody(text: string, isForm: boolean): BodyVerdict {
  return judgeParsedBody(parseBody(text, isForm));
}

/** The same for a body that came as an object. */
export function judgeParsedBody(body: unknown): BodyVerdict {
  if (!isFields(body)) return { is: 'refuse', why: 'the body is not an object' };
  if (body.ssl_check === '1') return { is: 'acknowledge', type: 'ssl_check' };
  if (listIds(body).some(isTooLong)) return { is: 'refuse', why: `an id has over ${NAME_LIMIT} characters` };
  if (isString(body.command)) {
    const isComplete = isString(body.user_id) && isString(body.team_id);
    return isComplete ? { is: 'deliver', body } : incomplete('slash command');
  }
  const { type } = body;
  if (!isString(type)) return { is: 'refuse', why: 'the body has no type' };
  if (type === 'dialog_cancellation' || type === 'app_rate_limited') return { is: 'acknowledge', type };
  const isComplete = COMPLETE.get(type);
  if (isComplete === undefined) return { is: 'refuse', why: 'the type is not one that Slack sends' };
  return isComplete(body) ? { is: 'deliver', body } : incomplete(type);
}

/** What each type must have, for Bolt to read it. */
const COMPLETE = new Map<string, (body: Fields) => boolean>([
  ['url_verification', (body) => isString(body.challenge)],
  [
    'event_callback',
    ({ event, event_id }) =>
      isString(event_id) && isFields(event) && isString(event.type) && isAbsentOr(event.user, isNamed),
  ],
  ['block_actions', (body) => isFromUser(body) && hasActions(body)],
  ['interactive_message', (body) => isFromUser(body) && hasActions(body)],
  ['block_suggestion', isFromUser],
  [
    'dialog_submission',
    (body) => isFromUser(body) && isString(body.callback_id) && isFields(body.submission),
  ],
  ['shortcut', (body) => isFromUser(body) && isString(body.callback_id)],
  ['message_action', (body) => isFromUser(body) && isString(body.callback_id)],
  ['view_submission', (body) => isFromUser(body) && isFields(body.view)],
  ['view_closed', (body) => isFromUser(body) && isFields(body.view)],
]);

/** Those of gestures that are kept; an event's are looked at with the event. */
function listIds(body: Fields): unknown[] {
  const { team_id, enterprise_id, user_id, trigger_id, team, enterprise, user, view } = body;
  const nested = [team, enterprise, user, view].flatMap((named) =>
    isFields(named) ? [named.id, named.team_id, named.enterprise_id, named.app_installed_team_id] : [],
  );
  return [team_id, enterprise_id, user_id, trigger_id, ...nested];
}

function isTooLong(id: unknown): boolean {
  return typeof id === 'string' && id.length > NAME_LIMIT;
}

function incomplete(what: string): BodyVerdict {
  return { is: 'refuse', why: `the ${what} lacks fields that Slack always sends` };
}

function parseBody(text: string, isForm: boolean): unknown {
  try {
    if (!isForm) return JSON.parse(text);
    const { payload, ...fields } = parse(text);
    return isString(payload) ? JSON.parse(payload) : { payload, ...fields };
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isAbsentOr(value: unknown, check: (value: unknown) => boolean): boolean {
  return value === undefined || check(value);
}

/** A user, in a field of its own: an id, or an object with one. */
function isNamed(value: unknown): boolean {
  return isString(value) || (isFields(value) && isString(value.id));
}

function isFromUser({ user, team }: Fields): boolean {
  return isFields(user) && isString(user.id) && (team === undefined || team === null || isNamed(team));
}

function hasActions({ actions }: Fields): boolean {
  return Array.isArray(actions) && actions.length > 0 && actions.every(isFields);
}
