import { LRUCache } from 'lru-cache';
import type { Reply } from './reply';

/** A `response_url` is good for 30 minutes; a minute is kept for its use. */
const REPLY_TTL_MS = 29 * 60_000;
/** Whoever is evicted is called by direct message. */
const MAX_REPLIES = 10_000;

export type WaitingReplies = ReturnType<typeof createWaitingReplies>;

/** How to call those who wait in the rate-limit queue: by the `response_url` of the gesture that asked, while that is good. */
export function createWaitingReplies(now: () => number) {
  const replies = new LRUCache<string, Reply>({
    max: MAX_REPLIES,
    ttl: REPLY_TTL_MS,
    ttlResolution: 0,
    perf: { now },
  });
  return {
    remember(requestId: string, reply: Reply): void {
      if (!replies.has(requestId)) replies.set(requestId, reply);
    },
    /** Undefined where it is not known, or no longer. */
    take(requestId: string): Reply | undefined {
      const reply = replies.get(requestId);
      replies.delete(requestId);
      return reply;
    },
  };
}
