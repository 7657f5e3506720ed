import type { Queryable } from '../database/schema';
import type { GrantEvent } from '../grants/event';
import { insertLogEntries } from '../grants/log-store';
import type { Consent } from '../installations/oauth-access';
import { insertNotices } from '../notices/store';
import { endRequests, type PermissionRequest } from '../requests/store';

/** What a consent comes to: of what was asked, what was granted, and what was not. */
export interface Answer {
  granted: string[];
  denied: string[];
}

/** The events that a consent amounts to, in the form in which Slack's own are recorded. */
export function toEvents(
  request: PermissionRequest,
  { granted, denied }: Answer,
  { id, time }: { id: string; time: number },
): GrantEvent[] {
  const told = (type: 'granted' | 'denied', scopes: string[]): GrantEvent => ({
    type,
    source: 'oauth',
    eventId: `oauth ${type} ${id}`,
    teamId: request.teamId,
    enterpriseId: request.enterpriseId,
    userId: request.userId,
    time,
    scopes,
    triggerId: undefined,
    requestId: request.id,
  });
  return [
    ...(granted.length === 0 ? [] : [told('granted', granted)]),
    ...(denied.length === 0 ? [] : [told('denied', denied)]),
  ];
}

/** Splits what was asked by what the token holds. */
export function toAnswer(request: PermissionRequest, held: readonly string[]): Answer {
  return {
    granted: request.scopes.filter((scope) => held.includes(scope)),
    denied: request.scopes.filter((scope) => !held.includes(scope)),
  };
}

/** Whether whoever consented is who was asked, in the same workspace. */
export function isAsker({ userId, teamId }: Consent, request: PermissionRequest): boolean {
  return userId === request.userId && teamId === request.teamId;
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
