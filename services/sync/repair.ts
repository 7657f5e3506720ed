import { NOT_REQUESTED } from '../answers/event';
import type { Queryable } from '../database/schema';
import { APP_USER_ID, type GrantStates } from '../grants/grant-state';
import { insertLogEntries, type NewLogEntry } from '../grants/log/store';
import { saveGrantStates } from '../grants/store';
import { insertNotices } from '../messages/outbox-store';
import { endRequests, listOpenRequests, type PermissionRequest } from '../permissions/requests/store';
import type { Drift } from './drift';

/**
 * Writes what a sweep mended: the standings, a log entry for each user and kind of change, and the end of the request
 * that a grant answers whose event was lost. Only then is the user told: nobody wants a message for what was always so.
 */
export async function repairGrants(
  tx: Queryable,
  { grantStates, drifts }: { grantStates: GrantStates; drifts: readonly Drift[] },
  at: string,
): Promise<void> {
  await saveGrantStates(tx, grantStates.listChanged());
  if (drifts.length === 0) return;
  const open = await listOpenRequests(
    tx,
    drifts.filter(({ added }) => added.length > 0),
  );
  const entries: NewLogEntry[] = [];
  const answered: { drift: Drift; request: PermissionRequest; scopes: string[]; extra: string[] }[] = [];
  for (const drift of drifts) {
    if (drift.added.length > 0) {
      const request = open.find(({ request }) => isAnswer(drift, request))?.request;
      const scopes = drift.added.filter((scope) => request?.scopes.includes(scope) ?? true);
      // What the answer brought besides is not filed as if it had been asked.
      const extra = drift.added.filter((scope) => !scopes.includes(scope));
      entries.push(toEntry(drift, { event: 'granted', scopes, request, at }));
      if (extra.length > 0)
        entries.push({ ...toEntry(drift, { event: 'granted', scopes: extra, at }), error: NOT_REQUESTED });
      if (request !== undefined) answered.push({ drift, request, scopes, extra });
    }
    if (drift.removed.length > 0)
      entries.push(toEntry(drift, { event: 'removed', scopes: drift.removed, at }));
  }
  await insertLogEntries(tx, entries);
  await endRequests(
    tx,
    answered.map(({ drift, request }) => {
      const held = grantStates.heldScopes(drift);
      const isWhole = request.scopes.every((scope) => held.includes(scope));
      return { id: request.id, state: isWhole ? 'granted' : 'partly_granted' };
    }),
  );
  await insertNotices(
    tx,
    answered.flatMap(({ drift: { teamId, userId }, request: { enterpriseId }, scopes, extra }) => {
      const to = { teamId, enterpriseId, userId };
      const granted = { ...to, event: 'granted' as const, scopes };
      return extra.length === 0 ? [granted] : [granted, { ...to, event: NOT_REQUESTED, scopes: extra }];
    }),
  );
}

function isAnswer(drift: Drift, request: PermissionRequest): boolean {
  return (
    request.teamId === drift.teamId &&
    request.userId === drift.userId &&
    drift.added.some((scope) => request.scopes.includes(scope))
  );
}

function toEntry(
  { teamId, userId }: Drift,
  {
    event,
    scopes,
    request,
    at,
  }: { event: 'granted' | 'removed'; scopes: string[]; request?: PermissionRequest | undefined; at: string },
): NewLogEntry {
  return {
    at,
    teamId,
    userId: userId === APP_USER_ID ? null : userId,
    event,
    scopes,
    source: 'users_list',
    requestId: request?.id ?? null,
    triggerSource: request?.triggerSource ?? null,
    eventId: null,
    error: null,
    reason: request?.reason ?? null,
  };
}
