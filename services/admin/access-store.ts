import { z } from 'zod';
import type { Queryable } from '../database/schema';

export const accessEvents = [
  'link_made',
  'signed_in',
  'signed_out',
  'refused',
  'exported',
  'sync_pressed',
] as const;
export type AccessEvent = (typeof accessEvents)[number];

/** Something that a user did, or tried to do, on the admin page. */
export interface AccessEntry {
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  teamId: string;
  userId: string;
  event: AccessEvent;
  /** What was exported, why a user was refused, or how a session ended. */
  detail: string | null;
}

export interface AccessFilter {
  /** Undefined: all. */
  teamIds?: readonly string[] | undefined;
  userId?: string | undefined;
  event?: AccessEvent | undefined;
  /** ISO 8601, UTC; inclusive. */
  since?: string | undefined;
  /** ISO 8601, UTC; exclusive. */
  until?: string | undefined;
}

const knownEvent = z.enum(accessEvents);
const MAX_DETAIL_LENGTH = 500;
/** SQLite limits the parameters of a statement. */
const INSERT_BATCH_SIZE = 1_000;

export async function insertAccess(
  db: Queryable,
  entries: readonly Omit<AccessEntry, 'seq'>[],
): Promise<void> {
  const rows = entries.map(({ teamId, userId, detail, ...entry }) => {
    return {
      ...entry,
      team_id: teamId,
      user_id: userId,
      detail: detail?.slice(0, MAX_DETAIL_LENGTH) ?? null,
    };
  });
  for (let from = 0; from < rows.length; from += INSERT_BATCH_SIZE) {
    await db
      .insertInto('access_log')
      .values(rows.slice(from, from + INSERT_BATCH_SIZE))
      .execute();
  }
}

export interface AccessQuery {
  filter: AccessFilter;
  order: 'asc' | 'desc';
  /** The `seq` of the last entry that was read; undefined: the first page. */
  cursor?: number | undefined;
  limit: number;
}

export async function listAccess(
  db: Queryable,
  { filter: { teamIds, userId, event, since, until }, order, cursor, limit }: AccessQuery,
): Promise<AccessEntry[]> {
  let query = db.selectFrom('access_log').selectAll().orderBy('seq', order).limit(limit);
  if (cursor !== undefined) query = query.where('seq', order === 'asc' ? '>' : '<', cursor);
  if (teamIds !== undefined) query = query.where('team_id', 'in', teamIds.length === 0 ? [''] : teamIds);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (event !== undefined) query = query.where('event', '=', event);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  const rows = await query.execute();
  return rows.map(({ team_id: teamId, user_id: userId, event, ...row }) => {
    return { ...row, teamId, userId, event: knownEvent.parse(event) };
  });
}

/** Deletes up to `limit` entries from before a time; returns how many. */
export async function deleteAccessBefore(
  db: Queryable,
  { before, limit }: { before: string; limit: number },
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('access_log')
    .where('seq', 'in', (old) =>
      old.selectFrom('access_log').select('seq').where('at', '<', before).orderBy('at').limit(limit),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
