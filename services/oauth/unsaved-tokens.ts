import type { Database } from '../database/database';
import type { Metrics } from '../metrics/metrics';
import { toBackoffMs } from '../runtime/backoff';
import type { Clock } from '../runtime/clock';
import { toErrorMessage } from '../runtime/errors';
import type { Logger } from '../runtime/logger';
import { replaceToken, type SealedToken } from './token-store';

const BACKOFF = { firstMs: 1_000, longestMs: 30_000 };
/** How often a stop retries, every `firstMs`, while the database is away. */
const MAX_CLOSE_ATTEMPTS = 10;

/**
 * Renewed tokens that could not be stored: they are used from memory and stored as soon as possible. There are never more
 * than renewals under way when the database failed, since each renewal begins with a write.
 */
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
}) {
  /** By the token that each replaces. */
  const unsaved = new Map<string, { old: SealedToken; next: SealedToken }>();
  let isRetrying = false;

  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));

  async function trySave(old: SealedToken, next: SealedToken): Promise<boolean> {
    try {
      // Where the old one is gone, nothing is replaced, and the new one is not needed.
      await database.transact((tx) => replaceToken(tx, old, next));
      unsaved.delete(old.token);
      return true;
    } catch (error) {
      const about = { team_id: old.key.teamId, user_id: old.key.userId, error: toErrorMessage(error) };
      logger.error(about, 'a renewed token could not be stored: kept in memory, will retry');
      return false;
    } finally {
      metrics.unsaved('token', unsaved.size);
    }
  }

  async function trySaveAll(): Promise<void> {
    for (const { old, next } of [...unsaved.values()]) await trySave(old, next);
  }

  async function retry(): Promise<void> {
    if (isRetrying) return;
    isRetrying = true;
    for (let failures = 1; unsaved.size > 0; failures += 1) {
      await sleep(toBackoffMs(failures, BACKOFF));
      await trySaveAll();
    }
    isRetrying = false;
  }

  return {
    /** False where it is kept in memory for now. */
    async save(old: SealedToken, next: SealedToken): Promise<boolean> {
      unsaved.set(old.token, { old, next });
      if (await trySave(old, next)) return true;
      void retry();
      return false;
    },
    /** What replaces this one. */
    find: (old: SealedToken): SealedToken | undefined => unsaved.get(old.token)?.next,
    /** Stores what is left, for some seconds at most. */
    async close(): Promise<void> {
      for (let tries = 1; unsaved.size > 0 && tries <= MAX_CLOSE_ATTEMPTS; tries += 1) {
        await trySaveAll();
        if (unsaved.size > 0) await sleep(BACKOFF.firstMs);
      }
      if (unsaved.size > 0)
        logger.fatal({ tokens: unsaved.size }, 'renewed tokens lost: the database is not writable');
    },
  };
}
