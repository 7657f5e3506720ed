import { z } from 'zod';
import type { Database } from '../database/database';
import { APP } from '../grants/grant-state';
import type { Grant, Page } from '../grants/log/entry';
import { type HolderKey, type HolderOrder, listGrantsOf, listHolderKeys } from './holder-store';

/** A user (or, where `userId` is null, the app itself), and what they hold in a team. */
export interface Holder {
  teamId: string;
  userId: string | null;
  grants: Grant[];
}

/** Who holds what now. */
export interface Holders {
  list(page: {
    teamIds: readonly string[];
    /** Only those who hold this one. */
    scope?: string | undefined;
    order: HolderOrder;
    isDescending: boolean;
    cursor: string | undefined;
    limit: number;
  }): Promise<Page<Holder>>;
  listOfUser(teamIds: readonly string[], userId: string): Promise<Grant[]>;
}

export function createHolders({ database }: { database: Database }): Holders {
  return {
    async list({ cursor, limit, ...page }) {
      const after = cursor === undefined ? undefined : readHolderCursor(cursor);
      // One more than asked for tells whether there is a next page.
      const found = await listHolderKeys(database.query, { ...page, after, limit: limit + 1 });
      const keys = found.slice(0, limit);
      const userIds = [...new Set(keys.map(({ userId }) => userId))];
      const grants = await listGrantsOf(database.query, { teamIds: page.teamIds, userIds });
      const last = keys.at(-1);
      return {
        items: keys.map(({ teamId, userId }) => ({
          teamId,
          userId: userId === APP ? null : userId,
          grants: grants.filter((grant) => grant.teamId === teamId && (grant.userId ?? APP) === userId),
        })),
        nextCursor: found.length > limit && last !== undefined ? toHolderCursor(last) : undefined,
      };
    },
    listOfUser: (teamIds, userId) =>
      listGrantsOf(database.query, { teamIds, userIds: [userId === 'app' ? APP : userId] }),
  };
}

const keySchema = z.tuple([z.int().nonnegative(), z.string(), z.string(), z.string()]);

function toHolderCursor({ count, latest, teamId, userId }: HolderKey): string {
  return Buffer.from(JSON.stringify([count, latest, teamId, userId])).toString('base64url');
}

/** Undefined where it is none of ours: somebody wrote it into the address. */
export function readHolderCursor(cursor: string): HolderKey | undefined {
  try {
    const parsed = keySchema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (!parsed.success) return undefined;
    const [count, latest, teamId, userId] = parsed.data;
    return [latest, teamId, userId].some((text) => text.includes('\0'))
      ? undefined
      : { count, latest, teamId, userId };
  } catch {
    return undefined;
  }
}
