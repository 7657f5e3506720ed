import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '../runtime/clock';
import { DatabaseError } from '../runtime/errors';
import { isUnavailable } from './unavailable';

interface QueuedItem<Item> {
  item: Item;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** For items that nobody sends again: while the database is unavailable they stay in memory and are retried. */
export interface Buffering {
  /** Once aborted, an item is tried once more and then given up. */
  stopping: AbortSignal;
  /** How many items wait for the database; 0: it is available again. */
  onBuffered: (count: number) => void;
  /** How many items were given up. */
  onLost: (count: number) => void;
}

const MAX_BATCH_SIZE = 500;
/** Turns of the event loop: some milliseconds. */
const MAX_TURNS = 20;
const MAX_PAUSES = 3;
/** After this, another batch may be written beside this one. */
const SLOW_WRITE_MS = 500;
const RETRY_INTERVAL_MS = 1_000;
const MAX_BUFFERED = 5_000;

/**
 * Writes items that wait together in one batch, so that one sync of the disk serves them all. The returned function adds
 * an item: it resolves when the item is committed and rejects where it cannot be.
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
  /** For items that nobody waits for: how long to collect, and again while more come, up to `MAX_PAUSES` times. */
  collectDelayMs?: number;
  maxBatchSize?: number;
  /** How many batches may be written at once where one is slow, such as on a connection that hangs. */
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
        if (isLastTry) return fail(batch, error);
        reportBuffered(batch.length + waiting.length);
        await pause(RETRY_INTERVAL_MS, clock, buffering.stopping);
      }
    }
  }

  /** One item is at fault: the others must not wait for it. */
  async function writeOneByOne(batch: readonly QueuedItem<Item>[], error: unknown): Promise<void> {
    if (batch.length === 1) fail(batch, error);
    else for (const one of batch) await writeBatch([one]);
  }

  /** Waits until a turn of the event loop, or a pause, adds nothing: requests that arrive together may be unread. */
  async function collect(): Promise<void> {
    const maxWaits = collectDelayMs > 0 ? MAX_PAUSES : MAX_TURNS;
    let before = -1;
    for (
      let waits = 0;
      before < waiting.length && waiting.length < maxBatchSize && waits < maxWaits;
      waits += 1
    ) {
      before = waiting.length;
      await (collectDelayMs > 0 ? pause(collectDelayMs, clock) : setImmediate());
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
      if (batch.length > 0) await writeAndTime(batch);
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
      if (buffering !== undefined && waiting.length >= MAX_BUFFERED) return fail([one], toFullError());
      waiting.push(one);
      start();
    });
}

function toFullError(): DatabaseError {
  const message = 'The write buffer is full: the database has been unavailable for too long.';
  return new DatabaseError('database_away', message);
}

/** Ends early when `stopping` is aborted. */
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
