import { NOT_REQUESTED } from '../answers/event';
import type { Queryable, RequestState } from '../database/schema';
import { APP_USER_ID, type GrantStates } from '../grants/grant-state';
import { insertLogEntries, type NewLogEntry } from '../grants/log/store';
import { saveGrantStates } from '../grants/store';
import { insertNotices, type Notice } from '../messages/outbox-store';
import { endRequests, listOpenRequests, type PermissionRequest } from '../permissions/requests/store';
import type { Drift } from './drift';

/**
 * Writes what a sweep found: the grant states, a log entry for each user and kind of change, and the end of the request
 * that a grant answers whose event was lost. Only that user is notified: grants that nobody asked for here are not news.
 */
export async function repairGrants(
  tx: Queryable,
  { grantStates, drifts }: { grantStates: GrantStates; drifts: readonly Drift[] },
  at: string,
): Promise<void> {
  await saveGrantStates(tx, grantStates.listChanged());
  if (drifts.length === 0) return;
  const withGrants = drifts.filter(({ added }) => added.length > 0);
  const openRequests = (await listOpenRequests(tx, withGrants)).map(({ request }) => request);
  const entries: NewLogEntry[] = [];
  const ends: { id: string; state: RequestState }[] = [];
  const notices: Notice[] = [];
  for (const drift of drifts) {
    const { teamId, userId, added, removed } = drift;
    const request = openRequests.find((request) => isAnswer(drift, request));
    const scopes = added.filter((scope) => request?.scopes.includes(scope) ?? true);
    // Scopes beyond the request are not recorded as if they had been requested.
    const extra = added.filter((scope) => !scopes.includes(scope));
    if (added.length > 0)
      entries.push({ ...toEntry(drift, at, 'granted', scopes), ...toRequestFields(request) });
    if (extra.length > 0) entries.push({ ...toEntry(drift, at, 'granted', extra), error: NOT_REQUESTED });
    if (removed.length > 0) entries.push(toEntry(drift, at, 'removed', removed));
    if (request === undefined) continue;
    const held = grantStates.heldScopes(drift);
    const isWhole = request.scopes.every((scope) => held.includes(scope));
    ends.push({ id: request.id, state: isWhole ? 'granted' : 'partly_granted' });
    const to = { teamId, enterpriseId: request.enterpriseId, userId };
    notices.push({ ...to, event: 'granted', scopes });
    if (extra.length > 0) notices.push({ ...to, event: NOT_REQUESTED, scopes: extra });
  }
  await insertLogEntries(tx, entries);
  await endRequests(tx, ends);
  await insertNotices(tx, notices);
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
  at: string,
  event: 'granted' | 'removed',
  scopes: string[],
): NewLogEntry {
  return {
    at,
    teamId,
    userId: userId === APP_USER_ID ? null : userId,
    event,
    scopes,
    source: 'users_list',
    requestId: null,
    triggerSource: null,
    eventId: null,
    error: null,
    reason: null,
  };
}

function toRequestFields(request: PermissionRequest | undefined): Partial<NewLogEntry> {
  return request
    ? { requestId: request.id, triggerSource: request.triggerSource, reason: request.reason }
    : {};
}
