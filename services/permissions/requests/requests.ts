import { LRUCache } from 'lru-cache';
import { createBatchWriter } from '../../database/batch-writer';
import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import type { LogEvent } from '../../grants/log/entry';
import { insertLogEntries, type NewLogEntry } from '../../grants/log/store';
import { findHeldScopes } from '../../grants/store';
import { toBuffering } from '../../metrics/buffering';
import { type Metrics, noMetrics } from '../../metrics/metrics';
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
/** Users have their prompts by then: triggers that come meanwhile go first. While more come, some such times. */
export const COLLECT_DELAY_MS = 40;
/** More would cost little less each, and keep the processor for longer from the triggers that come meanwhile. */
const MAX_BATCH_SIZE = 120;
/** What "Continue" is likely to be pressed for. */
const MAX_REMEMBERED_REQUESTS = 10_000;

/** What is written of an exchange. */
interface ExchangeRecord {
  snapshot: RequestSnapshot;
  /** Of the time at which Slack answered: it is written later. */
  entry: NewLogEntry;
  /** Slack limits the rate: the request waits for its turn. */
  isQueued: boolean;
  /** The place in the queue that the exchange took, and that is over now. */
  calledRequestId: string | undefined;
}

export type Requests = ReturnType<typeof createRequests>;

/** The life of permission requests: saved when they go out, ended when nobody answers. Answers are recorded by grants. */
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
  /** For so long what was denied is not pushed on the user. */
  denialCooldownMs?: number;
  /** For so long, of the system's time, what came of exchanges is collected before it is written. */
  collectMs?: number;
  metrics?: Metrics;
  /** What could not be written until then is given up. */
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
      // Nothing that the user held was asked for. If they hold it now, another instance has had their answer already.
      const held = await findHeldScopes(tx, requests);
      const isAnswered = (request: PermissionRequest) =>
        request.scopes.every((scope) => held.get(toMemberKey(request))?.has(scope));
      // Whoever waits for their turn was saved with it, and may have been called since.
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
     * Their turn has come: from now on they are awaited. Returns those to be called, without what the user denied while they
     * waited: that is not pushed on anybody.
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
     * Writes what came of an exchange: `requested`, or `failed` with the error. Several that wait are written together. While
     * the database is away they are kept, and tried again until they are written.
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
