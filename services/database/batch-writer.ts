import { type Clock, systemClock } from '../runtime/clock';
import { DatabaseError } from '../runtime/errors';
import { isAway } from './away';

interface Waiting<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** For what nobody sends again: while the database is away it is kept in memory, and tried again until it is written. */
export interface Keeping {
  /** From then on it is tried once more, and given up. */
  stopping: AbortSignal;
  /** So many are kept because the database is away; 0: it is back. */
  onKept: (count: number) => void;
  /** So many were given up. */
  onLost: (count: number) => void;
}

const MOST_AT_ONCE = 500;
/** Of the event loop: no longer than some milliseconds. */
const MOST_TURNS = 20;
const MOST_PAUSES = 3;
/** A batch that takes longer does not hold up the next one. */
const SLOW_MS = 500;
const TRY_AGAIN_MS = 1_000;
/** What is kept of memory has an end. */
const MOST_KEPT = 5_000;

/**
 * What waits together is written together: one sync of the disk serves it all. Answers with what puts an item in, which
 * resolves when it is committed and throws where it could not be. Its pauses are of the system's time unless told, as the
 * event loop's turns and the database's answers are.
 */
export function createBatches<Item>({
  write,
  pauseMs = 0,
  mostAtOnce = MOST_AT_ONCE,
  mostWriting = 1,
  keeping,
  clock = systemClock,
}: {
  write: (items: readonly Item[]) => Promise<void>;
  /** For what nobody waits for: so long more is collected, and as long again while more comes, some times. */
  pauseMs?: number;
  mostAtOnce?: number;
  /** So many batches may be under way where one is slow, such as on a connection that hangs; 1: one after the other. */
  mostWriting?: number;
  keeping?: Keeping;
  clock?: Clock;
}): (item: Item) => Promise<void> {
  const waiting: Waiting<Item>[] = [];
  let writers = 0;
  let slow = 0;
  let kept = 0;

  function reportKept(count: number): void {
    if (count === kept) return;
    kept = count;
    keeping?.onKept(count);
  }

  function fail(batch: readonly Waiting<Item>[], error: unknown): void {
    for (const { reject } of batch) reject(error);
    keeping?.onLost(batch.length);
  }

  async function writeBatch(batch: readonly Waiting<Item>[]): Promise<void> {
    for (;;) {
      const isLastTry = keeping === undefined || keeping.stopping.aborted;
      try {
        await write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
        return reportKept(0);
      } catch (error) {
        if (!isAway(error)) return writeSingly(batch, error);
        // It is at fault for all of them alike.
        if (isLastTry) return fail(batch, error);
        reportKept(batch.length + waiting.length);
        await pause(TRY_AGAIN_MS, clock, keeping.stopping);
      }
    }
  }

  /** One of them is at fault: the others must not wait for it to be mended. */
  async function writeSingly(batch: readonly Waiting<Item>[], error: unknown): Promise<void> {
    if (batch.length === 1) fail(batch, error);
    else for (const one of batch) await writeBatch([one]);
  }

  /** Waits until a turn of the event loop, or a pause, brings no more: while requests that have arrived together are being read. */
  async function collect(): Promise<void> {
    const wait =
      pauseMs > 0 ? () => pause(pauseMs, clock) : () => new Promise<void>((resolve) => setImmediate(resolve));
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

  async function writeWatched(batch: readonly Waiting<Item>[]): Promise<void> {
    let isSlow = false;
    const timer = clock.setTimeout(() => {
      isSlow = true;
      slow += 1;
      start();
    }, SLOW_MS);
    await writeBatch(batch);
    timer.cancel();
    if (isSlow) slow -= 1;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      await collect();
      const batch = waiting.splice(0, mostAtOnce);
      if (batch.length > 0) await (mostWriting > 1 ? writeWatched(batch) : writeBatch(batch));
    }
    writers -= 1;
  }

  function start(): void {
    if (waiting.length === 0 || writers > slow || writers >= mostWriting) return;
    writers += 1;
    void writeAll();
  }

  return (item) =>
    new Promise<void>((resolve, reject) => {
      const one = { item, resolve, reject };
      if (keeping !== undefined && waiting.length >= MOST_KEPT) {
        return fail([one], new DatabaseError('database_away', 'Too much waits for the database already.'));
      }
      waiting.push(one);
      start();
    });
}

/** Ends before its time where `stopping` says so. */
function pause(ms: number, clock: Clock, stopping?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      stopping?.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimeout(end, ms);
    stopping?.addEventListener('abort', end);
  });
}
