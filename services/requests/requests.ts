import { type Clock, toIsoTime } from '../clock';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import type { LogEvent } from '../grants/log-entry';
import { insertLogEntries } from '../grants/log-store';
import { listGrantRows } from '../grants/store';
import { type Metrics, noMetrics } from '../metrics/metrics';
import type { ExchangeResult } from '../trigger/exchange';
import {
  expireRequest,
  findRequest,
  listExpiredRequests,
  type PermissionRequest,
  saveRequest,
} from './store';

/** The life of permission requests: saved when they go out, ended when nobody answers. Answers are recorded by grants. */
export interface Requests {
  find(id: string): Promise<PermissionRequest | undefined>;
  /** Keeps a request that has no trigger yet, for a "Continue" to bring one. */
  recordWaiting(request: PermissionRequest): Promise<void>;
  /** Keeps a request that waits for its turn, for as long as that takes. */
  recordQueued(request: PermissionRequest): Promise<void>;
  /** Their turn has come: from now on they are awaited. Answers with them. */
  recordCalled(ids: readonly string[]): Promise<PermissionRequest[]>;
  /** Writes what came of an exchange: `requested`, or `failed` with the error. */
  recordExchange(
    request: PermissionRequest,
    triggerId: string | undefined,
    result: ExchangeResult,
  ): Promise<void>;
  /** Logs `unanswered` for every request whose time is over; a later answer still counts. */
  expire(): Promise<void>;
}

const EXPIRY_BATCH = 100;

async function holdsAll(db: Queryable, { teamId, userId, scopes }: PermissionRequest): Promise<boolean> {
  const held = new Set((await listGrantRows(db, { teamId, userId })).map(({ scope }) => scope));
  return scopes.every((scope) => held.has(scope));
}

export function createRequests({
  database,
  clock,
  requestTtlMs,
  metrics = noMetrics,
}: {
  database: Database;
  clock: Clock;
  requestTtlMs: number;
  metrics?: Metrics;
}): Requests {
  function toEntry(request: PermissionRequest, event: LogEvent, error: string | null) {
    return {
      at: toIsoTime(clock.now()),
      teamId: request.teamId,
      userId: request.userId,
      event,
      scopes: request.scopes,
      source: 'app' as const,
      requestId: request.id,
      triggerSource: request.triggerSource,
      eventId: null,
      error,
      reason: request.reason,
    };
  }
  const expiresAt = () => toIsoTime(clock.now() + requestTtlMs);

  return {
    find: (id) => findRequest(database.query, id),

    recordWaiting: (request) =>
      database.transact((tx) =>
        saveRequest(tx, request, { state: 'waiting', expiresAt: expiresAt(), triggerId: undefined }),
      ),

    recordQueued: (request) =>
      database.transact((tx) =>
        saveRequest(tx, request, { state: 'waiting', expiresAt: null, triggerId: undefined }),
      ),

    async recordCalled(ids) {
      const called: PermissionRequest[] = [];
      for (const id of ids) {
        const request = await findRequest(database.query, id);
        if (request === undefined) continue;
        await database.transact((tx) =>
          saveRequest(tx, request, { state: 'waiting', expiresAt: expiresAt(), triggerId: undefined }),
        );
        called.push(request);
      }
      return called;
    },

    async recordExchange(request, triggerId, result) {
      const entry = result.ok
        ? toEntry(request, 'requested', null)
        : toEntry(request, 'failed', result.error);
      await database.transactTeams([request.teamId], async (tx) => {
        // Nothing that the user held was asked for. If they hold it now, another instance has had their answer already.
        const isAnswered = await holdsAll(tx, request);
        await saveRequest(
          tx,
          request,
          isAnswered
            ? { state: 'granted', expiresAt: null, triggerId }
            : result.ok
              ? { state: 'requested', expiresAt: expiresAt(), triggerId }
              : { state: 'failed', expiresAt: null, triggerId },
        );
        await insertLogEntries(tx, [entry]);
      });
      metrics.logged([entry]);
    },

    async expire() {
      const now = toIsoTime(clock.now());
      const expired = await listExpiredRequests(database.query, now, EXPIRY_BATCH);
      for (const request of expired) {
        const entries = await database.transactTeams([request.teamId], async (tx) => {
          if (!(await expireRequest(tx, request.id, now))) return [];
          const entry = toEntry(request, 'unanswered', null);
          await insertLogEntries(tx, [entry]);
          return [entry];
        });
        metrics.logged(entries);
      }
    },
  };
}
