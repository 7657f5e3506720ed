/**
 * The exchanges under way. Slack can tell that a user answered before it tells that it asked: the event then waits
 * here until the request that led to it is written, and finds it.
 */
export interface InFlight {
  track<T>(triggerId: string | undefined, work: Promise<T>): Promise<T>;
  /** Resolves when the request that uses this trigger has been recorded, or failed to be. */
  settled(triggerId: string | undefined): Promise<void>;
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
    async settled(triggerId) {
      if (triggerId === undefined) return;
      await Promise.allSettled([underWay.get(triggerId)]);
    },
  };
}
