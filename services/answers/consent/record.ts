import type { Queryable } from '../../database/schema';
import { insertLogEntries } from '../../grants/log/store';
import { insertNotices } from '../../messages/outbox-store';
import type { Consent } from '../../oauth/oauth-access';
import { endRequests, listOpenRequests, type PermissionRequest } from '../../permissions/requests/store';
import type { Member } from '../../slack/workspace';
import { type AnswerEvent, NOT_GRANTED, NOT_REQUESTED } from '../event';

/** What a consent comes to: of what was asked, what was granted, and what was left out. */
export interface Answer {
  granted: string[];
  leftOut: string[];
}

/** What tells an answer from every other, and when it was given: seconds, by Slack's clock. */
export interface Told {
  id: string;
  time: number;
}

/** The events that a consent amounts to, in the form in which Slack's own are recorded. */
export function toConsentEvents(
  request: PermissionRequest,
  { granted, leftOut }: Answer,
  told: Told,
): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  if (granted.length > 0) events.push(toEvent(request, 'granted', granted, told));
  if (leftOut.length > 0) events.push({ ...toEvent(request, 'denied', leftOut, told), error: NOT_GRANTED });
  return events;
}

/** The user said no to all of it. */
export function toDenialEvent(request: PermissionRequest, told: Told): AnswerEvent {
  return toEvent(request, 'denied', request.scopes, told);
}

function toEvent(
  request: PermissionRequest,
  type: 'granted' | 'denied',
  scopes: string[],
  { id, time }: Told,
): AnswerEvent {
  const { teamId, enterpriseId, userId } = request;
  return {
    type,
    source: 'oauth',
    eventId: `oauth ${type} ${id}`,
    teamId,
    enterpriseId,
    userId,
    time,
    scopes,
    triggerId: undefined,
    requestId: request.id,
  };
}

/**
 * What a token holds that no request asked for. Scopes add up at Slack over consents: another request of the user's that is
 * still open may have brought some of it, and its own answer says so.
 */
export async function findNotRequested(
  tx: Queryable,
  member: Member,
  scopes: readonly string[],
  { id, time }: Told,
): Promise<AnswerEvent[]> {
  const { teamId, enterpriseId, userId } = member;
  const open = await listOpenRequests(tx, [{ teamId, userId }]);
  const asked = new Set(open.flatMap(({ request }) => request.scopes));
  const extra = scopes.filter((scope) => !asked.has(scope));
  if (extra.length === 0) return [];
  return [
    {
      type: 'granted',
      source: 'oauth',
      eventId: `oauth ${NOT_REQUESTED} ${id}`,
      teamId,
      enterpriseId,
      userId,
      time,
      scopes: extra,
      triggerId: undefined,
      error: NOT_REQUESTED,
    },
  ];
}

/** Splits what was asked by what the token holds. */
export function toAnswer(request: PermissionRequest, held: readonly string[]): Answer {
  return {
    granted: request.scopes.filter((scope) => held.includes(scope)),
    leftOut: request.scopes.filter((scope) => !held.includes(scope)),
  };
}

/**
 * Whether whoever consented is who was asked, in the same workspace. Where the app is installed in the whole organisation,
 * Slack may name no workspace: the id of a user is the organisation's then, and it is the same person.
 */
export function isAsker({ userId, teamId, enterpriseId }: Consent, request: PermissionRequest): boolean {
  if (userId !== request.userId) return false;
  if (teamId !== undefined) return teamId === request.teamId;
  return (
    enterpriseId !== undefined &&
    (request.enterpriseId === undefined || request.enterpriseId === enterpriseId)
  );
}

/** Writes that nothing came of it. Where somebody else answered, the asker is told. */
export async function recordFailure(
  tx: Queryable,
  request: PermissionRequest,
  { error, at }: { error: string; at: string },
): Promise<void> {
  const { id, teamId, enterpriseId, userId, scopes, triggerSource, reason } = request;
  await insertLogEntries(tx, [
    {
      at,
      teamId,
      userId,
      event: 'failed',
      scopes,
      source: 'oauth',
      requestId: id,
      triggerSource,
      eventId: null,
      error,
      reason,
    },
  ]);
  await endRequests(tx, [{ id, state: 'failed' }]);
  if (error === WRONG_ACCOUNT) {
    await insertNotices(tx, [{ teamId, enterpriseId, userId, event: 'wrong_account', scopes }]);
  }
}

export const WRONG_ACCOUNT = 'wrong_account';
/** Slack said no, and not that the user did. */
export const ACCESS_DENIED = 'access_denied';
/** The database was away for too long. */
export const NOT_STORED = 'not_stored';
