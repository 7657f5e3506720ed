import { z } from 'zod';
import type { Database } from '../database/database';
import { APP_USER_ID } from '../grants/grant-state';
import type { Grant, Page } from '../grants/log/entry';
import { listGrantsFromStore } from '../grants/store';
import { type HolderKey, type HolderQuery, listHolderKeys } from './holder-store';

/** A user (or, where `userId` is null, the app itself), and what they hold in a team. */
export interface Holder {
  teamId: string;
  userId: string | null;
  grants: Grant[];
}

export type Holders = ReturnType<typeof createHolders>;

/** Lists who holds which scopes now. */
export function createHolders({ database }: { database: Database }) {
  return {
    async list({
      cursor,
      limit,
      ...page
    }: HolderQuery & { cursor: string | undefined }): Promise<Page<Holder>> {
      const after = cursor === undefined ? undefined : readHolderCursor(cursor);
      // One more than is shown tells whether there is a next page.
      const found = await listHolderKeys(database.query, { ...page, after, limit: limit + 1 });
      const keys = found.slice(0, limit);
      const userIds = [...new Set(keys.map(({ userId }) => userId))];
      const { teamIds } = page;
      const grants =
        userIds.length === 0 ? [] : await listGrantsFromStore(database.query, { teamIds, userIds });
      const last = keys.at(-1);
      return {
        items: keys.map(({ teamId, userId }) => ({
          teamId,
          userId: userId === APP_USER_ID ? null : userId,
          grants: grants.filter(
            (grant) => grant.teamId === teamId && (grant.userId ?? APP_USER_ID) === userId,
          ),
        })),
        nextCursor: found.length > limit && last !== undefined ? toHolderCursor(last) : undefined,
      };
    },
    listOfUser: (teamIds: readonly string[], userId: string): Promise<Grant[]> =>
      listGrantsFromStore(database.query, { teamIds, userId: userId === 'app' ? APP_USER_ID : userId }),
  };
}

const keySchema = z.tuple([z.int().nonnegative(), z.string(), z.string(), z.string()]);

function toHolderCursor({ count, latest, teamId, userId }: HolderKey): string {
  return Buffer.from(JSON.stringify([count, latest, teamId, userId])).toString('base64url');
}

/** Undefined where it was not made by `toHolderCursor`: users can edit the address. */
export function readHolderCursor(cursor: string): HolderKey | undefined {
  try {
    const parsed = keySchema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (!parsed.success) return undefined;
    const [count, latest, teamId, userId] = parsed.data;
    if ([latest, teamId, userId].some((text) => text.includes('\0'))) return undefined;
    return { count, latest, teamId, userId };
  } catch {
    return undefined;
  }
}
