/** Names the taking back of what a user granted, where an exchange is named by its trigger. */
export function toRevocationKey({ teamId, userId }: { teamId: string; userId: string }): string {
  return `revocation ${teamId} ${userId}`;
}

/** Names the writing of a request, for whoever comes back with its consent. */
export function toRequestKey(requestId: string): string {
  return `request ${requestId}`;
}

/**
 * The exchanges under way. Slack can tell that a user answered before it tells that it asked: the event then waits
 * here until the request that led to it is written, and finds it. So does what Slack tells of a token that is being revoked.
 */
export interface InFlight {
  track<T>(triggerId: string | undefined, work: Promise<T>): Promise<T>;
  /**
   * Resolves when the request that uses this trigger has been recorded, or failed to be; undefined where none is under
   * way, so that events which need not wait keep the order of their arrival.
   */
  settled(triggerId: string | undefined): Promise<unknown> | undefined;
}

export function createInFlight(): InFlight {
  const underWay = new Map<string, Promise<unknown>>();
  return {
    async track(triggerId, work) {
      if (triggerId === undefined) return work;
      underWay.set(triggerId, work);
      try {
        return await work;
      } finally {
        underWay.delete(triggerId);
      }
    },
    settled(triggerId) {
      const work = triggerId === undefined ? undefined : underWay.get(triggerId);
      return work && Promise.allSettled([work]);
    },
  };
}
