import { setTimeout } from 'node:timers/promises';

interface Waiting<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const MOST_AT_ONCE = 500;
/** Of the event loop: no longer than some milliseconds. */
const MOST_TURNS = 20;
const MOST_PAUSES = 3;

/**
 * What waits together is written together: one sync of the disk serves it all. Answers with what puts an item in, which
 * resolves when it is committed and throws where it could not be.
 */
export function createBatches<Item>({
  write,
  pauseMs = 0,
  mostAtOnce = MOST_AT_ONCE,
}: {
  write: (items: readonly Item[]) => Promise<void>;
  /**
   * For what nobody waits for: so long more is collected, and as long again while more comes, some times. Of the system's
   * time, as the event loop's turns are.
   */
  pauseMs?: number;
  mostAtOnce?: number;
}): (item: Item) => Promise<void> {
  const waiting: Waiting<Item>[] = [];
  let isWriting = false;

  async function writeBatch(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await write(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      // One of them is at fault: the others must not wait for it to be mended.
      else for (const one of batch) await writeBatch([one]);
    }
  }

  /** Waits until a turn of the event loop, or a pause, brings no more: while requests that have arrived together are being read. */
  async function collect(): Promise<void> {
    const wait =
      pauseMs > 0 ? () => setTimeout(pauseMs) : () => new Promise((resolve) => setImmediate(resolve));
    const most = pauseMs > 0 ? MOST_PAUSES : MOST_TURNS;
    for (
      let before = -1, waits = 0;
      before < waiting.length && waiting.length < mostAtOnce && waits < most;
      waits += 1
    ) {
      before = waiting.length;
      await wait();
    }
  }

  async function writeAll(): Promise<void> {
    do {
      await collect();
      await writeBatch(waiting.splice(0, mostAtOnce));
    } while (waiting.length > 0);
    isWriting = false;
  }

  return (item) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isWriting) return;
      isWriting = true;
      void writeAll();
    });
}
