import type { Logger } from './logger';

/** Work that goes on after Slack has its answer: messages to people, above all. */
export type Background = ReturnType<typeof createBackground>;

export function createBackground({ logger }: { logger: Logger }) {
  const running = new Set<Promise<void>>();

  /** Starts it. An error is logged under `name`: nobody waits for it. */
  function run(name: string, work: () => Promise<void>): void {
    const promise = work()
      .catch((error: unknown) => logger.error({ err: error, work: name }, 'background work failed'))
      .finally(() => running.delete(promise));
    running.add(promise);
  }

  return {
    run,
    /** Returns what starts `work`, one run at a time: called during a run, it runs once more afterwards. */
    coalesce(name: string, work: () => Promise<void>): () => void {
      let isRunning = false;
      let isWanted = false;
      async function runWhileWanted(): Promise<void> {
        try {
          while (isWanted) {
            isWanted = false;
            await work();
          }
        } finally {
          isRunning = false;
        }
      }
      return () => {
        isWanted = true;
        if (isRunning) return;
        isRunning = true;
        run(name, runWhileWanted);
      };
    },
    /** How much is under way. */
    count: () => running.size,
    /** Resolves when nothing is under way. */
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
