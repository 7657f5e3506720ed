import type { Database } from '../database/database';
import type { Metrics } from '../metrics/metrics';
import type { Clock } from '../runtime/clock';
import { toMessage } from '../runtime/errors';
import type { Logger } from '../runtime/logger';
import { replaceToken, type SealedToken } from './token-store';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** A stop waits so often, so long, for the database. */
const LAST_TRIES = 10;

/**
 * Renewed tokens that the database could not take: kept in memory, used from there, and stored as soon as it can be. There
 * are no more of them than renewals were under way when the database failed, since each begins with a write.
 */
export interface UnsavedTokens {
  /** Puts a token in the place of an old one; false: not yet. */
  save(old: SealedToken, next: SealedToken): Promise<boolean>;
  /** What is to take the place of this one. */
  find(old: SealedToken): SealedToken | undefined;
  /** Stores what is left, if that is possible within some seconds. */
  close(): Promise<void>;
}

export function createUnsavedTokens({
  database,
  clock,
  logger,
  metrics,
}: {
  database: Database;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}): UnsavedTokens {
  /** By the token that each takes the place of. */
  const unsaved = new Map<string, { old: SealedToken; next: SealedToken }>();
  let isWaiting = false;

  const count = () => metrics.unsaved('token', unsaved.size);

  async function trySave(old: SealedToken, next: SealedToken): Promise<boolean> {
    try {
      // False where the old one is no longer there: then there is nothing to keep, either.
      await database.transact((tx) => replaceToken(tx, old, next));
      unsaved.delete(old.token);
      return true;
    } catch (error) {
      const about = { team_id: old.place.teamId, user_id: old.place.userId, error: toMessage(error) };
      logger.error(about, 'a renewed token could not be stored: it is kept in memory, and tried again');
      return false;
    } finally {
      count();
    }
  }

  async function trySaveAll(): Promise<void> {
    for (const { old, next } of [...unsaved.values()]) await trySave(old, next);
  }

  function saveLater(waitMs: number): void {
    if (isWaiting) return;
    isWaiting = true;
    clock.setTimeout(() => {
      isWaiting = false;
      trySaveAll()
        .then(() => unsaved.size > 0 && saveLater(Math.min(2 * waitMs, LONGEST_WAIT_MS)))
        .catch((error: unknown) => logger.error({ err: error }, 'renewed tokens could not be stored'));
    }, waitMs);
  }

  return {
    async save(old, next) {
      unsaved.set(old.token, { old, next });
      if (await trySave(old, next)) return true;
      saveLater(FIRST_WAIT_MS);
      return false;
    },
    find: (old) => unsaved.get(old.token)?.next,
    async close() {
      for (let tries = 1; unsaved.size > 0 && tries <= LAST_TRIES; tries += 1) {
        await trySaveAll();
        if (unsaved.size > 0)
          await new Promise<void>((resolve) => void clock.setTimeout(resolve, FIRST_WAIT_MS));
      }
      if (unsaved.size > 0)
        logger.fatal({ tokens: unsaved.size }, 'renewed tokens are lost: the database cannot be written');
    },
  };
}
