import type { Logger } from '../../runtime/logger';
import type { ExchangeResult } from '../exchange/exchange';
import type { PermissionRequest } from '../requests/store';
import type { QueueTicket, RateLimitQueue } from './queue';

/** How many exchanges of one workspace may be under way at once: at most so many can meet the same 429. */
const SLOTS = 10;

/** Where the request waits; or Slack's result, whose entry the call used up, and where it waits again after a 429. */
export type InTurn =
  | { ticket: QueueTicket }
  | { result: ExchangeResult; ticket: QueueTicket | undefined; calledRequestId: string | undefined };

/** Calls Slack for requests that the queue lets pass. */
export function createInTurn({ rateLimitQueue, logger }: { rateLimitQueue: RateLimitQueue; logger: Logger }) {
  const slots = createSemaphore();

  /** Undefined where the queue cannot be written: nobody would be called, so the user gets "Continue" at once. */
  async function limit(
    request: PermissionRequest,
    retryAfterMs: number,
    calledRequestId: string | undefined,
  ): Promise<QueueTicket | undefined> {
    try {
      return await rateLimitQueue.recordRateLimit(request, retryAfterMs, calledRequestId);
    } catch (error) {
      logger.error({ err: error, request_id: request.id }, 'failed to queue a request');
      return undefined;
    }
  }

  return async (request: PermissionRequest, call: () => Promise<ExchangeResult>): Promise<InTurn> => {
    const giveBack = await slots.take(request.teamId);
    // Always given back, or the workspace would run out of slots; after a 429 only once the queue knows of it, so that
    // nobody calls in between.
    try {
      const entry = await rateLimitQueue.enter(request);
      if (entry.is === 'waiting') return { ticket: entry.ticket };
      const calledRequestId = entry.is === 'called' ? entry.calledRequestId : undefined;
      const result = await call();
      if (result.ok || result.retryAfterMs === undefined)
        return { result, calledRequestId, ticket: undefined };
      return { result, calledRequestId, ticket: await limit(request, result.retryAfterMs, calledRequestId) };
    } finally {
      giveBack();
    }
  };
}

/** Bounds the calls under way in each workspace. No workspace waits for another. */
export function createSemaphore(size = SLOTS) {
  const rooms = new Map<string, { taken: number; waiting: (() => void)[] }>();

  return {
    /** Resolves, in the order of the calls, when a slot is free; returns what gives it back. */
    async take(teamId: string): Promise<() => void> {
      const room = rooms.get(teamId) ?? { taken: 0, waiting: [] };
      rooms.set(teamId, room);
      if (room.taken >= size) await new Promise<void>((resolve) => room.waiting.push(resolve));
      else room.taken += 1;
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        const next = room.waiting.shift();
        if (next !== undefined) next();
        else room.taken -= 1;
        if (room.taken === 0) rooms.delete(teamId);
      };
    },
  };
}
