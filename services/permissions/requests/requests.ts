import { LRUCache } from 'lru-cache';
import { createBatchWriter } from '../../database/batch-writer';
import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import type { LogEvent } from '../../grants/log/entry';
import { insertLogEntries, type NewLogEntry } from '../../grants/log/store';
import { findHeldScopes } from '../../grants/store';
import { type Metrics, noMetrics, toBuffering } from '../../metrics/metrics';
import { type Clock, toIsoTime } from '../../runtime/clock';
import { toMemberKey } from '../../slack/workspace';
import type { ExchangeResult } from '../exchange/exchange';
import { deleteQueued } from '../queue/store';
import {
  endRequests,
  expireRequest,
  findRequest,
  listDeniedScopes,
  listExpiredRequests,
  type PermissionRequest,
  type RequestSnapshot,
  saveRequests,
} from './store';

const EXPIRY_BATCH = 100;
/** Writes wait this long, so that triggers that arrive meanwhile go first; a few times as long while more arrive. */
export const COLLECT_DELAY_MS = 40;
/** A larger batch saves little, and holds the processor for longer from triggers that arrive meanwhile. */
const MAX_BATCH_SIZE = 120;
/** Those for which "Continue" is likely to be pressed. */
const MAX_REMEMBERED_REQUESTS = 10_000;

/** What is written of an exchange. */
interface ExchangeRecord {
  snapshot: RequestSnapshot;
  /** Its time is that of Slack's answer, not of the write. */
  entry: NewLogEntry;
  /** Slack limits the rate: the request waits in the queue. */
  isQueued: boolean;
  /** The request whose entry in the queue the exchange used up. */
  calledRequestId: string | undefined;
}

export type Requests = ReturnType<typeof createRequests>;

/** Stores permission requests when they go out, and ends them when nobody answers. `answers/` records the answers. */
export function createRequests({
  database,
  clock,
  requestTtlMs,
  denialCooldownMs = 0,
  collectMs = COLLECT_DELAY_MS,
  metrics = noMetrics,
  stopping = new AbortController().signal,
}: {
  database: Database;
  clock: Clock;
  requestTtlMs: number;
  /** How long a queued request leaves out what the user has denied. */
  denialCooldownMs?: number;
  /** How long, by the system's clock, results of exchanges are collected before they are written. */
  collectMs?: number;
  metrics?: Metrics;
  /** What is not written by then is given up. */
  stopping?: AbortSignal;
}) {
  const remembered = new LRUCache<string, PermissionRequest>({ max: MAX_REMEMBERED_REQUESTS });
  const remember = (request: PermissionRequest) => remembered.set(request.id, request);
  const toExpiresAt = () => toIsoTime(clock.now() + requestTtlMs);

  function toEntry(request: PermissionRequest, event: LogEvent, error: string | null): NewLogEntry {
    return {
      at: toIsoTime(clock.now()),
      teamId: request.teamId,
      userId: request.userId,
      event,
      scopes: request.scopes,
      source: 'app',
      requestId: request.id,
      triggerSource: request.triggerSource,
      eventId: null,
      error,
      reason: request.reason,
    };
  }

  async function saveWaiting(tx: Queryable, request: PermissionRequest): Promise<void> {
    const expiresAt = toExpiresAt();
    await saveRequests(tx, [{ request, state: 'waiting', triggerId: undefined, expiresAt }]);
  }

  async function writeExchanges(exchanged: readonly ExchangeRecord[]): Promise<void> {
    const requests = exchanged.map(({ snapshot }) => snapshot.request);
    const entries = exchanged.map(({ entry }) => entry);
    const teams = requests.map(({ teamId }) => teamId);
    await database.transactTeamsWithoutSync(teams, async (tx) => {
      // Nobody is asked for what they hold. If they hold it now, another instance has recorded their answer already.
      const held = await findHeldScopes(tx, requests);
      const isAnswered = (request: PermissionRequest) =>
        request.scopes.every((scope) => held.get(toMemberKey(request))?.has(scope));
      // A queued request was saved with its entry in the queue, and may have been called since.
      const ended = exchanged.filter(({ isQueued }) => !isQueued).map(({ snapshot }) => snapshot);
      const granted = { state: 'granted', expiresAt: null } as const;
      await saveRequests(
        tx,
        ended.map((one) => (isAnswered(one.request) ? { ...one, ...granted } : one)),
      );
      const called = exchanged.flatMap(({ calledRequestId }) => calledRequestId ?? []);
      await deleteQueued(tx, called);
      await insertLogEntries(tx, entries);
    });
    metrics.logged(entries);
  }

  const addExchange = createBatchWriter({
    write: writeExchanges,
    collectDelayMs: collectMs,
    maxBatchSize: MAX_BATCH_SIZE,
    buffering: toBuffering('exchanges', { stopping, metrics }),
  });

  return {
    /** One that this instance has written is not looked up: a press on "Continue" does not wait for the database. */
    find: async (id: string): Promise<PermissionRequest | undefined> =>
      remembered.get(id) ?? findRequest(database.query, id),

    /** Stores a request that has no trigger yet, for a "Continue" to bring one. */
    async recordWaiting(request: PermissionRequest): Promise<void> {
      await database.transact((tx) => saveWaiting(tx, request));
      remember(request);
    },

    /**
     * The queue calls these: from now on their answer is awaited. Returns those to notify, without the scopes that the user
     * denied while they waited.
     */
    async recordCalled(tx: Queryable, ids: readonly string[]): Promise<PermissionRequest[]> {
      const called: PermissionRequest[] = [];
      for (const id of ids) {
        const found = await findRequest(tx, id);
        if (found === undefined) continue;
        const denied = await listDeniedScopes(tx, found, toIsoTime(clock.now() - denialCooldownMs));
        const request = { ...found, scopes: found.scopes.filter((scope) => !denied.has(scope)) };
        if (request.scopes.length > 0) {
          await saveWaiting(tx, request);
          remember(request);
          called.push(request);
        } else await endRequests(tx, [{ id, state: 'denied' }]);
      }
      return called;
    },

    /**
     * Logs the result of an exchange: `requested`, or `failed` with the error. Results are written in batches, and kept and
     * retried while the database is away.
     */
    async recordExchange(
      request: PermissionRequest,
      triggerId: string | undefined,
      result: ExchangeResult,
      queued: Pick<ExchangeRecord, 'isQueued' | 'calledRequestId'>,
    ): Promise<void> {
      remember(request);
      const [state, expiresAt, error] = result.ok
        ? (['requested', toExpiresAt(), null] as const)
        : (['failed', null, result.error] as const);
      const snapshot = { request, triggerId, state, expiresAt };
      await addExchange({ snapshot, entry: toEntry(request, state, error), ...queued });
    },

    /** Logs `unanswered` for every request whose time is over; a later answer still counts. */
    async expire(): Promise<void> {
      const now = toIsoTime(clock.now());
      const expired = await listExpiredRequests(database.query, now, EXPIRY_BATCH);
      for (const request of expired) {
        const entries = [toEntry(request, 'unanswered', null)];
        const isEnded = await database.transactTeams([request.teamId], async (tx) => {
          const isFirst = await expireRequest(tx, request, now);
          if (isFirst) await insertLogEntries(tx, entries);
          return isFirst;
        });
        if (isEnded) metrics.logged(entries);
      }
    },
  };
}
