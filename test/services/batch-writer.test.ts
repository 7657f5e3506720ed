import { type Buffering, createBatchWriter } from '../../services/database/batch-writer';
import { DatabaseError } from '../../services/runtime/errors';
import { createTestClock, type TestClock } from '../support/test-clock';

const away = () => new DatabaseError('database_away', 'away');
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

let clock: TestClock;
let written: number[][];
/** What the database says to the next writes; undefined takes them. */
let faults: (Error | undefined)[];
beforeEach(() => {
  clock = createTestClock();
  written = [];
  faults = [];
});

async function write(items: readonly number[]): Promise<void> {
  const fault = faults.shift();
  if (fault !== undefined) throw fault;
  written.push([...items]);
}

describe('the batch writer', () => {
  it('writes what comes together at once, in its order, and what comes later after it', async () => {
    const add = createBatchWriter({ write, clock });
    await Promise.all(upTo(3).map(add));
    await add(4);
    expect(written).toEqual([[1, 2, 3], [4]]);
  });

  it('writes no more than `maxBatchSize` at once, and all of it', async () => {
    const add = createBatchWriter({ write, clock, maxBatchSize: 4 });
    await Promise.all(upTo(10).map(add));
    expect(written.map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(written.flat()).toEqual(upTo(10));
  });

  it('collects through a pause, through some more while more comes, and then writes all the same', async () => {
    const add = createBatchWriter({ write, clock, collectDelayMs: 40 });
    const adding = [add(1)];
    for (const item of [2, 3, 4]) {
      await clock.advance(35);
      adding.push(add(item));
    }
    await clock.advance(14);
    expect(written).toEqual([]);
    await clock.advance(1);
    expect(written).toEqual([[1, 2, 3, 4]]);
    await Promise.all(adding);
  });

  it('writes after one pause where nothing more comes', async () => {
    const add = createBatchWriter({ write, clock, collectDelayMs: 40 });
    const adding = Promise.all([add(1), add(2)]);
    await clock.advance(80);
    await adding;
    expect(written).toEqual([[1, 2]]);
  });

  it('writes the others where one is at fault, and tells that one alone', async () => {
    const add = createBatchWriter<number>({
      async write(items) {
        if (items.includes(2)) throw new Error('2 cannot be written');
        written.push([...items]);
      },
      clock,
    });
    const ends = await Promise.allSettled(upTo(3).map(add));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(written).toEqual([[1], [3]]);
  });

  it('fails a whole batch at once while the database is away, where nobody keeps it', async () => {
    faults = [away()];
    const add = createBatchWriter({ write, clock });
    const ends = await Promise.allSettled(upTo(3).map(add));
    expect(ends.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    await add(4);
    expect(written).toEqual([[4]]);
  });

  it('writes one batch after the other by default, however slow', async () => {
    const { add, release } = createSlow(1);
    const adding = [add(1)];
    await clock.advance(10_000);
    adding.push(add(2));
    await clock.advance(10_000);
    expect(written).toEqual([[1]]);
    release();
    await Promise.all(adding);
    expect(written).toEqual([[1], [2]]);
  });

  it('begins another beside one that is slow, and no more than it may', async () => {
    const { add, release } = createSlow(2);
    const adding = [add(1)];
    await clock.advance(400);
    adding.push(add(2));
    await clock.advance(50);
    expect(written).toEqual([[1]]);
    await clock.advance(50);
    expect(written).toEqual([[1], [2]]);
    adding.push(add(3));
    await clock.advance(10_000);
    expect(written).toEqual([[1], [2]]);
    release();
    await Promise.all(adding);
    expect(written).toEqual([[1], [2], [3]]);
  });

  /** Writes that end when they are released. */
  function createSlow(maxConcurrentWrites: number) {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const add = createBatchWriter<number>({
      async write(items) {
        written.push([...items]);
        await released;
      },
      maxConcurrentWrites,
      clock,
    });
    return { add, release: () => release() };
  }
});

describe('what is kept while the database is away', () => {
  let stopping: AbortController;
  let kept: number[];
  let lost: number;
  let buffering: Buffering;
  beforeEach(() => {
    stopping = new AbortController();
    kept = [];
    lost = 0;
    buffering = {
      stopping: stopping.signal,
      onBuffered: (count) => void kept.push(count),
      onLost: (count) => {
        lost += count;
      },
    };
  });

  it('is tried again every second, and written when the database is back', async () => {
    faults = [away(), away()];
    const add = createBatchWriter({ write, clock, buffering });
    const adding = Promise.all(upTo(2).map(add));
    await clock.advance(1_999);
    expect([written, kept]).toEqual([[], [2]]);
    await clock.advance(1);
    await adding;
    expect({ written, kept, lost }).toEqual({ written: [[1, 2]], kept: [2, 0], lost: 0 });
  });

  it('is tried once more at a stop, and then given up', async () => {
    faults = [away(), away()];
    const add = createBatchWriter({ write, clock, buffering });
    const adding = Promise.allSettled(upTo(2).map(add));
    await clock.advance(10);
    stopping.abort();
    expect((await adding).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect({ written, lost, faults }).toEqual({ written: [], lost: 2, faults: [] });
  });

  it('is no more than memory has room for: what comes then is given up at once', async () => {
    faults = [away()];
    const add = createBatchWriter({ write, clock, buffering });
    const adding = [add(0)];
    await clock.advance(0);
    adding.push(...upTo(5_000).map(add));
    await expect(add(9_999)).rejects.toMatchObject({ code: 'database_away' });
    expect(lost).toBe(1);
    await clock.advance(1_000);
    await Promise.all(adding);
    expect(written.flat()).toHaveLength(5_001);
  });
});
