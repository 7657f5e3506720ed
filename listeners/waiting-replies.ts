import type { Reply } from './reply';

/** Where those who wait for their turn are called: as they were answered, as long as Slack takes that. */
export interface WaitingReplies {
  remember(requestId: string, reply: Reply): void;
  /** Undefined: it is not known here (any more). */
  take(requestId: string): Reply | undefined;
}

/** A `response_url` is good for half an hour and five uses; a little less, so that it still is when it is used. */
const REPLY_TTL_MS = 29 * 60_000;

export function createWaitingReplies(now: () => number): WaitingReplies {
  const known = new Map<string, { reply: Reply; until: number }>();
  return {
    remember(requestId, reply) {
      // In the order in which they came: what is over stands first.
      for (const [id, { until }] of known) {
        if (until > now()) break;
        known.delete(id);
      }
      if (!known.has(requestId)) known.set(requestId, { reply, until: now() + REPLY_TTL_MS });
    },
    take(requestId) {
      const found = known.get(requestId);
      known.delete(requestId);
      return found !== undefined && found.until > now() ? found.reply : undefined;
    },
  };
}
