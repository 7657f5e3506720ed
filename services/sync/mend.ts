import type { Queryable } from '../database/schema';
import { APP, type Standings } from '../grants/grant-state';
import { insertLogEntries, type NewLogEntry } from '../grants/log/store';
import { saveStandings } from '../grants/store';
import { insertNotices } from '../messages/outbox-store';
import { endRequests, listOpenRequests, type PermissionRequest } from '../permissions/requests/store';
import type { Drift } from './drift';

/**
 * Writes what a sweep mended: the standings, a log entry for each user and kind of change, and the end of the request
 * that a grant answers whose event was lost. Only then is the user told: nobody wants a message for what was always so.
 */
export async function mend(
  tx: Queryable,
  { standings, drifts }: { standings: Standings; drifts: readonly Drift[] },
  at: string,
): Promise<void> {
  await saveStandings(tx, standings.changed());
  if (drifts.length === 0) return;
  const open = await listOpenRequests(
    tx,
    drifts.filter(({ added }) => added.length > 0),
  );
  const entries: NewLogEntry[] = [];
  const answered: { drift: Drift; request: PermissionRequest }[] = [];
  for (const drift of drifts) {
    if (drift.added.length > 0) {
      const request = open.find(({ request }) => isAnswer(drift, request))?.request;
      entries.push(toEntry(drift, 'granted', drift.added, request, at));
      if (request !== undefined) answered.push({ drift, request });
    }
    if (drift.removed.length > 0) entries.push(toEntry(drift, 'removed', drift.removed, undefined, at));
  }
  await insertLogEntries(tx, entries);
  await endRequests(
    tx,
    answered.map(({ drift, request }) => {
      const held = standings.heldScopes(drift);
      const isWhole = request.scopes.every((scope) => held.includes(scope));
      return { id: request.id, state: isWhole ? 'granted' : 'partly_granted' };
    }),
  );
  await insertNotices(
    tx,
    answered.map(({ drift, request }) => ({
      teamId: drift.teamId,
      enterpriseId: request.enterpriseId,
      userId: drift.userId,
      event: 'granted',
      scopes: drift.added,
    })),
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
  event: 'granted' | 'removed',
  scopes: string[],
  request: PermissionRequest | undefined,
  at: string,
): NewLogEntry {
  return {
    at,
    teamId,
    userId: userId === APP ? null : userId,
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
