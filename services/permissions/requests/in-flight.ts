/** The key of a revocation; that of an exchange is its trigger. */
export function toRevocationKey({ teamId, userId }: { teamId: string; userId: string }): string {
  return `revocation ${teamId} ${userId}`;
}

/** The key of the write of a request, for whoever comes back with its consent. */
export function toRequestKey(requestId: string): string {
  return `request ${requestId}`;
}

export type InFlight = ReturnType<typeof createInFlight>;

/**
 * Tracks exchanges under way. Slack's event about an answer can arrive before its response to the exchange: the event then
 * waits here until the request is written. So does an event about a token that is being revoked.
 */
export function createInFlight() {
  const underWay = new Map<string, Promise<unknown>>();
  return {
    async track<T>(key: string | undefined, work: Promise<T>): Promise<T> {
      if (key === undefined) return work;
      underWay.set(key, work);
      try {
        return await work;
      } finally {
        underWay.delete(key);
      }
    },
    /**
     * Resolves when the work has ended, well or not; undefined where none is under way, so that events which need not wait
     * keep the order of their arrival.
     */
    settled(key: string | undefined): Promise<unknown> | undefined {
      const work = key === undefined ? undefined : underWay.get(key);
      return work && Promise.allSettled([work]);
    },
  };
}
