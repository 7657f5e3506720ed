import { type Clock, toIsoTime } from '../clock';
import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import type { LogEvent } from '../grants/log-entry';
import { insertLogEntries, listGrantRows } from '../grants/store';
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
}: {
  database: Database;
  clock: Clock;
  requestTtlMs: number;
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

    recordExchange: (request, triggerId, result) =>
      database.transactTeams([request.teamId], async (tx) => {
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
        const entry = result.ok
          ? toEntry(request, 'requested', null)
          : toEntry(request, 'failed', result.error);
        await insertLogEntries(tx, [entry]);
      }),

    async expire() {
      const now = toIsoTime(clock.now());
      const expired = await listExpiredRequests(database.query, now, EXPIRY_BATCH);
      for (const request of expired) {
        await database.transact(async (tx) => {
          if (await expireRequest(tx, request.id, now)) {
            await insertLogEntries(tx, [toEntry(request, 'unanswered', null)]);
          }
        });
      }
    },
  };
}
