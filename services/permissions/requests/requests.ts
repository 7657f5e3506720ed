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

/** The life of permission requests: saved when they go out, ended when nobody answers. Answers are recorded by grants. */
export interface Requests {
  /** One that this instance has written is not looked up: a press on "Continue" does not wait for the database. */
  find(id: string): Promise<PermissionRequest | undefined>;
  /** Keeps a request that has no trigger yet, for a "Continue" to bring one. */
  recordWaiting(request: PermissionRequest): Promise<void>;
  /**
   * Their turn has come: from now on they are awaited. Answers with those to be called, without what the user denied while
   * they waited: that is not pushed on anybody.
   */
  recordCalled(tx: Queryable, ids: readonly string[]): Promise<PermissionRequest[]>;
  /**
   * Writes what came of an exchange: `requested`, or `failed` with the error. Several that wait are written together. While the
   * database is away they are kept, and tried again until they are written.
   */
  recordExchange(
    request: PermissionRequest,
    triggerId: string | undefined,
    result: ExchangeResult,
    queued?: {
      /** Slack limits the rate: the request waits for its turn. */
      isQueued: boolean;
      /** The turn that the exchange took, and that is over now. */
      calledRequestId: string | undefined;
    },
  ): Promise<void>;
  /** Logs `unanswered` for every request whose time is over; a later answer still counts. */
  expire(): Promise<void>;
}

const EXPIRY_BATCH = 100;
/** Users have their prompts by then: triggers that come meanwhile go first. While more come, some such times. */
export const COLLECT_DELAY_MS = 40;
/** More would cost little less each, and keep the processor for longer from the triggers that come meanwhile. */
const MAX_BATCH_SIZE = 120;
/** What "Continue" is likely to be pressed for. */
const MAX_REMEMBERED_REQUESTS = 10_000;
const NOT_QUEUED = { isQueued: false, calledRequestId: undefined };

interface ExchangeRecord {
  request: PermissionRequest;
  triggerId: string | undefined;
  result: ExchangeResult;
  /** When it was answered, or is to be: not when it is written. */
  entry: NewLogEntry;
  expiresAt: string;
  isQueued: boolean;
  calledRequestId: string | undefined;
}

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
}): Requests {
  const remembered = new LRUCache<string, PermissionRequest>({ max: MAX_REMEMBERED_REQUESTS });
  const remember = (request: PermissionRequest) => remembered.set(request.id, request);
  const expiresAt = () => toIsoTime(clock.now() + requestTtlMs);

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

  async function writeExchanges(exchanged: readonly ExchangeRecord[]): Promise<void> {
    const teams = exchanged.map(({ request }) => request.teamId);
    const entries = exchanged.map(({ entry }) => entry);
    await database.transactTeamsWithoutSync(teams, async (tx) => {
      // Nothing that the user held was asked for. If they hold it now, another instance has had their answer already.
      const held = await findHeldScopes(
        tx,
        exchanged.map(({ request }) => request),
      );
      const isAnswered = ({ request }: ExchangeRecord) =>
        request.scopes.every((scope) => held.get(toMemberKey(request))?.has(scope));
      // Whoever waits for their turn was saved with it, and may have been called since.
      const ended = exchanged.filter(({ isQueued }) => !isQueued);
      const saved = ended.map((one): RequestSnapshot => {
        const { request, triggerId, result, expiresAt } = one;
        if (isAnswered(one)) return { request, triggerId, state: 'granted', expiresAt: null };
        if (!result.ok) return { request, triggerId, state: 'failed', expiresAt: null };
        return { request, triggerId, state: 'requested', expiresAt };
      });
      await saveRequests(tx, saved);
      await deleteQueued(
        tx,
        exchanged.flatMap(({ calledRequestId }) => calledRequestId ?? []),
      );
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
    find: async (id) => remembered.get(id) ?? findRequest(database.query, id),

    async recordWaiting(request) {
      const now = { state: 'waiting', triggerId: undefined, expiresAt: expiresAt() } as const;
      await database.transact((tx) => saveRequests(tx, [{ request, ...now }]));
      remember(request);
    },

    async recordCalled(tx, ids) {
      const called: PermissionRequest[] = [];
      for (const id of ids) {
        const found = await findRequest(tx, id);
        if (found === undefined) continue;
        const denied = await listDeniedScopes(tx, found, toIsoTime(clock.now() - denialCooldownMs));
        const request = { ...found, scopes: found.scopes.filter((scope) => !denied.has(scope)) };
        if (request.scopes.length > 0) {
          const now = { state: 'waiting', triggerId: undefined, expiresAt: expiresAt() } as const;
          await saveRequests(tx, [{ request, ...now }]);
          remember(request);
          called.push(request);
        } else await endRequests(tx, [{ id, state: 'denied' }]);
      }
      return called;
    },

    async recordExchange(request, triggerId, result, { isQueued, calledRequestId } = NOT_QUEUED) {
      remember(request);
      const entry = result.ok
        ? toEntry(request, 'requested', null)
        : toEntry(request, 'failed', result.error);
      await addExchange({
        request,
        triggerId,
        result,
        entry,
        expiresAt: expiresAt(),
        isQueued,
        calledRequestId,
      });
    },

    async expire() {
      const now = toIsoTime(clock.now());
      const expired = await listExpiredRequests(database.query, now, EXPIRY_BATCH);
      for (const request of expired) {
        const entries = await database.transactTeams([request.teamId], async (tx) => {
          if (!(await expireRequest(tx, request, now))) return [];
          const entry = toEntry(request, 'unanswered', null);
          await insertLogEntries(tx, [entry]);
          return [entry];
        });
        metrics.logged(entries);
      }
    },
  };
}
