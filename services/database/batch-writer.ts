import { type Clock, systemClock } from '../runtime/clock';
import { DatabaseError } from '../runtime/errors';
import { isUnavailable } from './unavailable';

interface QueuedItem<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** For what nobody sends again: while the database is away it is kept in memory, and tried again until it is written. */
export interface Buffering {
  /** From then on it is tried once more, and given up. */
  stopping: AbortSignal;
  /** So many are kept because the database is away; 0: it is back. */
  onBuffered: (count: number) => void;
  /** So many were given up. */
  onLost: (count: number) => void;
}

const MAX_BATCH_SIZE = 500;
/** Of the event loop: no longer than some milliseconds. */
const MAX_TURNS = 20;
const MAX_PAUSES = 3;
/** A batch that takes longer does not hold up the next one. */
const SLOW_WRITE_MS = 500;
const RETRY_INTERVAL_MS = 1_000;
/** What is kept of memory has an end. */
const MAX_BUFFERED = 5_000;

/**
 * What waits together is written together: one sync of the disk serves it all. Answers with what puts an item in, which
 * resolves when it is committed and throws where it could not be. Its pauses are of the system's time unless told, as the
 * event loop's turns and the database's answers are.
 */
export function createBatchWriter<Item>({
  write,
  collectDelayMs = 0,
  maxBatchSize = MAX_BATCH_SIZE,
  maxConcurrentWrites = 1,
  buffering,
  clock = systemClock,
}: {
  write: (items: readonly Item[]) => Promise<void>;
  /** For what nobody waits for: so long more is collected, and as long again while more comes, some times. */
  collectDelayMs?: number;
  maxBatchSize?: number;
  /** So many batches may be under way where one is slow, such as on a connection that hangs; 1: one after the other. */
  maxConcurrentWrites?: number;
  buffering?: Buffering;
  clock?: Clock;
}): (item: Item) => Promise<void> {
  const waiting: QueuedItem<Item>[] = [];
  let writers = 0;
  let slow = 0;
  let buffered = 0;

  function reportBuffered(count: number): void {
    if (count === buffered) return;
    buffered = count;
    buffering?.onBuffered(count);
  }

  function fail(batch: readonly QueuedItem<Item>[], error: unknown): void {
    for (const { reject } of batch) reject(error);
    buffering?.onLost(batch.length);
  }

  async function writeBatch(batch: readonly QueuedItem<Item>[]): Promise<void> {
    for (;;) {
      const isLastTry = buffering === undefined || buffering.stopping.aborted;
      try {
        await write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
        return reportBuffered(0);
      } catch (error) {
        if (!isUnavailable(error)) return writeOneByOne(batch, error);
        // It is at fault for all of them alike.
        if (isLastTry) return fail(batch, error);
        reportBuffered(batch.length + waiting.length);
        await pause(RETRY_INTERVAL_MS, clock, buffering.stopping);
      }
    }
  }

  /** One of them is at fault: the others must not wait for it to be mended. */
  async function writeOneByOne(batch: readonly QueuedItem<Item>[], error: unknown): Promise<void> {
    if (batch.length === 1) fail(batch, error);
    else for (const one of batch) await writeBatch([one]);
  }

  /** Waits until a turn of the event loop, or a pause, brings no more: while requests that have arrived together are being read. */
  async function collect(): Promise<void> {
    const wait =
      collectDelayMs > 0
        ? () => pause(collectDelayMs, clock)
        : () => new Promise<void>((resolve) => setImmediate(resolve));
    const maxWaits = collectDelayMs > 0 ? MAX_PAUSES : MAX_TURNS;
    for (
      let before = -1, waits = 0;
      before < waiting.length && waiting.length < maxBatchSize && waits < maxWaits;
      waits += 1
    ) {
      before = waiting.length;
      await wait();
    }
  }

  async function writeAndTime(batch: readonly QueuedItem<Item>[]): Promise<void> {
    let isSlow = false;
    const timer = clock.setTimeout(() => {
      isSlow = true;
      slow += 1;
      start();
    }, SLOW_WRITE_MS);
    await writeBatch(batch);
    timer.cancel();
    if (isSlow) slow -= 1;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      await collect();
      const batch = waiting.splice(0, maxBatchSize);
      if (batch.length > 0) await (maxConcurrentWrites > 1 ? writeAndTime(batch) : writeBatch(batch));
    }
    writers -= 1;
  }

  function start(): void {
    if (waiting.length === 0 || writers > slow || writers >= maxConcurrentWrites) return;
    writers += 1;
    void writeAll();
  }

  return (item) =>
    new Promise<void>((resolve, reject) => {
      const one = { item, resolve, reject };
      if (buffering !== undefined && waiting.length >= MAX_BUFFERED) {
        return fail(
          [one],
          new DatabaseError(
            'database_away',
            'The write buffer is full: the database has been unavailable for too long.',
          ),
        );
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
