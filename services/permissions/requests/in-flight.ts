/** Names the taking back of what a user granted, where an exchange is named by its trigger. */
export function toRevocationKey({ teamId, userId }: { teamId: string; userId: string }): string {
  return `revocation ${teamId} ${userId}`;
}

/** Names the writing of a request, for whoever comes back with its consent. */
export function toRequestKey(requestId: string): string {
  return `request ${requestId}`;
}

export type InFlight = ReturnType<typeof createInFlight>;

/**
 * The exchanges under way. Slack can tell that a user answered before it tells that it asked: the event then waits
 * here until the request that led to it is written, and finds it. So does what Slack tells of a token that is being revoked.
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
     * Resolves when the request that uses this trigger has been recorded, or failed to be; undefined where none is under
     * way, so that events which need not wait keep the order of their arrival.
     */
    settled(key: string | undefined): Promise<unknown> | undefined {
      const work = key === undefined ? undefined : underWay.get(key);
      return work && Promise.allSettled([work]);
    },
  };
}
