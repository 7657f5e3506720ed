import type { Queryable } from '../database/schema';
import { createGrantStates, type GrantStates, type Owner } from '../grants/grant-state';
import { listDifferentHolders, loadGrantStates } from '../grants/store';
import type { UserGrants } from '../permissions/backend';

/** Where the store and Slack's list differ about a user. */
export interface Drift extends Owner {
  /** Scopes that Slack lists and the store does not. */
  added: string[];
  /** Scopes that the store holds and Slack does not list. */
  removed: string[];
}

/** When the page was answered by Slack's clock and read by ours, and which sweep read it. */
interface PageOrigin {
  time: number;
  at: string;
  sweepId: number;
}

/**
 * Compares a page of the list with what is known of its users. The grant states are the repaired ones, to be saved;
 * `same` are the users that hold exactly what the page shows.
 */
export async function comparePage(
  db: Queryable,
  { teamId, users }: { teamId: string; users: readonly UserGrants[] },
  origin: PageOrigin,
): Promise<{ grantStates: GrantStates; drifts: Drift[]; same: string[] }> {
  const isDifferent = await listDifferentHolders(db, { teamId, users });
  const same = users.filter(({ userId }) => !isDifferent.has(userId)).map(({ userId }) => userId);
  const owners = [...isDifferent].map((userId) => ({ teamId, userId }));
  const grantStates = createGrantStates(await loadGrantStates(db, owners));
  const drifts: Drift[] = [];
  const page = { ...origin, source: 'users_list' as const };
  for (const { userId, scopes } of users) {
    if (!isDifferent.has(userId)) continue;
    const owner = { teamId, userId };
    const { added, removed } = grantStates.reconcile(owner, scopes, page);
    if (added.length > 0 || removed.length > 0) drifts.push({ ...owner, added, removed });
  }
  return { grantStates, drifts, same };
}

/** Ends the grants of users that no page of the sweep showed, except those granted since it began. */
export async function endUnseen(
  db: Queryable,
  { teamId, userIds }: { teamId: string; userIds: readonly string[] },
  sweepStart: PageOrigin,
): Promise<{ grantStates: GrantStates; drifts: Drift[] }> {
  const owners = userIds.map((userId) => ({ teamId, userId }));
  const grantStates = createGrantStates(await loadGrantStates(db, owners));
  const drifts = owners.map((owner) => ({
    ...owner,
    added: [],
    removed: grantStates.endUnseen(owner, { ...sweepStart, source: 'users_list' }),
  }));
  return { grantStates, drifts: drifts.filter(({ removed }) => removed.length > 0) };
}

export function countChanges(drifts: readonly Drift[]): number {
  return drifts.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
}
