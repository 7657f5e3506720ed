import type { Logger } from './logger';

/** Work that goes on after Slack has its answer: messages to people, above all. */
export interface Background {
  /** Starts it. A fault is logged under `name`: nobody waits for it. */
  run(name: string, work: () => Promise<void>): void;
  /** How much is under way. */
  count(): number;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export function createBackground({ logger }: { logger: Logger }): Background {
  const underWay = new Set<Promise<void>>();
  return {
    run(name, work) {
      const promise = work()
        .catch((error: unknown) => logger.error({ err: error, work: name }, 'background work failed'))
        .finally(() => underWay.delete(promise));
      underWay.add(promise);
    },
    count: () => underWay.size,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
