import type { Queryable } from '../../database/schema';
import { insertLogEntries } from '../../grants/log/store';
import { insertNotices } from '../../messages/outbox-store';
import type { OAuthConsent } from '../../oauth/oauth-access';
import { endRequests, listOpenRequests, type PermissionRequest } from '../../permissions/requests/store';
import type { Member } from '../../slack/workspace';
import { type AnswerEvent, NOT_GRANTED, NOT_REQUESTED } from '../event';

/** Of the scopes that were asked for, those that were granted and those that were left out. */
export interface ConsentAnswer {
  granted: string[];
  leftOut: string[];
}

/** Identifies an answer, and says when it was given: seconds, by Slack's clock. */
export interface ConsentStamp {
  id: string;
  time: number;
}

/** A consent as events, in the form of Slack's own. */
export function toConsentEvents(
  request: PermissionRequest,
  { granted, leftOut }: ConsentAnswer,
  stamp: ConsentStamp,
): AnswerEvent[] {
  const requestId = request.id;
  return [
    { ...toEvent(request, 'granted', granted, stamp), requestId },
    { ...toEvent(request, 'denied', leftOut, stamp), requestId, error: NOT_GRANTED } as const,
  ].filter(({ scopes }) => scopes.length > 0);
}

/** The user denied all of the scopes. */
export function toDenialEvent(request: PermissionRequest, stamp: ConsentStamp): AnswerEvent {
  return { ...toEvent(request, 'denied', request.scopes, stamp), requestId: request.id };
}

function toEvent(
  { teamId, enterpriseId, userId }: Member,
  type: 'granted' | 'denied',
  scopes: string[],
  { id, time }: ConsentStamp,
  name: string = type,
): AnswerEvent {
  const origin = { source: 'oauth', eventId: `oauth ${name} ${id}`, triggerId: undefined } as const;
  return { ...origin, type, teamId, enterpriseId, userId, time, scopes };
}

/**
 * The scopes of a token that no open request asked for. At Slack scopes add up over consents: another open request of the
 * user may have brought some of them, and its own answer will record them.
 */
export async function findUnrequestedScopes(
  tx: Queryable,
  member: Member,
  scopes: readonly string[],
  stamp: ConsentStamp,
): Promise<AnswerEvent[]> {
  const { teamId, userId } = member;
  const open = await listOpenRequests(tx, [{ teamId, userId }]);
  const asked = new Set(open.flatMap(({ request }) => request.scopes));
  const extra = scopes.filter((scope) => !asked.has(scope));
  if (extra.length === 0) return [];
  return [{ ...toEvent(member, 'granted', extra, stamp, NOT_REQUESTED), error: NOT_REQUESTED }];
}

/** Splits the scopes that were asked for by whether the token holds them. */
export function toConsentAnswer(request: PermissionRequest, held: readonly string[]): ConsentAnswer {
  return {
    granted: request.scopes.filter((scope) => held.includes(scope)),
    leftOut: request.scopes.filter((scope) => !held.includes(scope)),
  };
}

/**
 * Whether the user who consented is the one who was asked, in the same workspace. For an organisation-wide installation
 * Slack may name no workspace; user ids are unique in the organisation, so it is the same person.
 */
export function isAsker({ userId, teamId, enterpriseId }: OAuthConsent, request: PermissionRequest): boolean {
  if (userId !== request.userId) return false;
  if (teamId !== undefined) return teamId === request.teamId;
  return (
    enterpriseId !== undefined &&
    (request.enterpriseId === undefined || request.enterpriseId === enterpriseId)
  );
}

/** Records that a consent failed. Where another account answered, the asker gets a message. */
export async function recordFailure(
  tx: Queryable,
  { id, teamId, enterpriseId, userId, scopes, triggerSource, reason }: PermissionRequest,
  { error, at }: { error: string; at: string },
): Promise<void> {
  const failed = { event: 'failed', source: 'oauth', requestId: id, eventId: null, error } as const;
  await insertLogEntries(tx, [{ at, teamId, userId, scopes, triggerSource, reason, ...failed }]);
  await endRequests(tx, [{ id, state: 'failed' }]);
  if (error === WRONG_ACCOUNT) {
    await insertNotices(tx, [{ teamId, enterpriseId, userId, event: 'wrong_account', scopes }]);
  }
}

export const WRONG_ACCOUNT = 'wrong_account';
/** Slack's refusal; it does not say whether the user refused. */
export const ACCESS_DENIED = 'access_denied';
/** The database was away for too long. */
export const NOT_STORED = 'not_stored';
