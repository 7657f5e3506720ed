export type Activity = ReturnType<typeof createActivity>;

/** Counts what is going on, and lets one wait until nothing is. */
export function createActivity() {
  let running = 0;
  let waiting: (() => void)[] = [];

  /** Returns the way to say that it is over. */
  function begin(): () => void {
    running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      running -= 1;
      if (running > 0) return;
      const ready = waiting;
      waiting = [];
      for (const resume of ready) resume();
    };
  }

  async function during<T>(work: () => Promise<T>): Promise<T> {
    const end = begin();
    try {
      return await work();
    } finally {
      end();
    }
  }

  async function settled(): Promise<void> {
    while (running > 0) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  return { begin, during, settled };
}
