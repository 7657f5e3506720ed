import type { Background } from '../runtime/background';
import type { Clock, Timer } from '../runtime/clock';
import { forgetOldest } from '../runtime/evict-oldest';
import type { Topic } from './changes';
import type { Database } from './database';

/** How many values are kept: of grants some ten MB. */
const MOST = 100_000;
/** Of those, where they become more. */
const LEFT = 0.9;
const PAGE = 1_000;
/** For so long what has changed waits, to be read together with what changes meanwhile; unless it is wanted before. */
const READ_AFTER_MS = 20;
/** Where another process writes all the time, not everything is read all the time. */
const LOAD_INTERVAL_MS = 1_000;

/** What is in the database, in memory: right across instances, since each commit names the keys that it changed. */
export interface Kept<V> {
  /** A promise only where it has to be read. */
  get(key: string): V | Promise<V>;
}

/** Where the values come from. */
export interface Source<V> {
  topic: Topic;
  /** The value of a key of which there is nothing in the database. */
  empty: V;
  read(keys: readonly string[]): Promise<ReadonlyMap<string, V>>;
  /** The next keys with their values, after the one named. None: that was all. */
  readPage(after: string | undefined, limit: number): Promise<ReadonlyMap<string, V>>;
}

/** Keeps all that there is, so that nothing is read for a key of which there is nothing; of more than `most`, those that were wanted last. */
export function createKept<V>({
  database,
  background,
  clock,
  source: { topic, empty, read, readPage },
  most = MOST,
}: {
  database: Pick<Database, 'watch'>;
  background: Background;
  clock: Clock;
  source: Source<V>;
  most?: number;
}): Kept<V> {
  const values = new Map<string, V>();
  /** Being read, by key. */
  const reading = new Map<string, Promise<V>>();
  /** What is not in `values` is not there. */
  let isWhole = false;
  /** The keys that changed since everything began to be read: what the reading finds may be older. */
  let loading: Set<string> | undefined;
  let loadAtMs = 0;
  /** Out of date, and not yet read again. */
  const changed = new Set<string>();
  let readLater: Timer | undefined;

  function keep(key: string, value: V): void {
    values.delete(key);
    if (isWhole && value === empty) return;
    values.set(key, value);
    if (values.size <= most) return;
    isWhole = false;
    forgetOldest(values, most * LEFT);
  }

  async function readAndKeep(keys: readonly string[]): Promise<void> {
    const all = read(keys);
    const mine = keys.map((key) => {
      const one = all.then((found) => found.get(key) ?? empty);
      // Whoever waits for it is told of a failure; nobody may.
      one.catch(() => {});
      reading.set(key, one);
      return { key, one };
    });
    // Where it changed once more, another reading has taken its place.
    const current = () => mine.filter(({ key, one }) => reading.get(key) === one);
    try {
      const found = await all;
      for (const { key } of current()) {
        reading.delete(key);
        keep(key, found.get(key) ?? empty);
      }
    } catch (error) {
      for (const { key } of current()) reading.delete(key);
      lose();
      throw error;
    }
  }

  function change(keys: readonly string[]): void {
    for (const key of keys) {
      if (!isWhole && !loading && !values.has(key) && !reading.has(key)) continue;
      loading?.add(key);
      values.delete(key);
      reading.delete(key);
      changed.add(key);
    }
    if (changed.size > 0) readLater ??= clock.setTimeout(readChanged, READ_AFTER_MS);
  }

  function readChanged(): void {
    readLater = undefined;
    const keys = [...changed];
    changed.clear();
    if (keys.length > 0) background.run(`${topic}: reading what changed`, () => readAndKeep(keys));
  }

  function lose(): void {
    values.clear();
    changed.clear();
    reading.clear();
    isWhole = false;
    loading = undefined;
    loadIfDue();
  }

  function loadIfDue(): void {
    if (isWhole || loading || clock.now() < loadAtMs) return;
    loadAtMs = clock.now() + LOAD_INTERVAL_MS;
    background.run(`${topic}: reading all`, load);
  }

  async function load(): Promise<void> {
    const changedMeanwhile = new Set<string>();
    loading = changedMeanwhile;
    // Or what is in memory was lost meanwhile.
    const isMine = () => loading === changedMeanwhile;
    try {
      let after: string | undefined;
      do {
        const page = await readPage(after, PAGE);
        if (!isMine()) return;
        for (const [key, value] of page) if (!changedMeanwhile.has(key)) keep(key, value);
        after = [...page.keys()].at(-1);
        // Slack's requests come first.
        await new Promise((resolve) => setImmediate(resolve));
      } while (after !== undefined && values.size < most);
      if (!isMine()) return;
      isWhole = after === undefined;
      // There are too many: not to be tried at each request.
      if (!isWhole) loadAtMs = Number.POSITIVE_INFINITY;
    } finally {
      if (isMine()) loading = undefined;
    }
  }

  const { isTold } = database.watch({
    changed: ({ topic: changedTopic, keys }) => {
      if (changedTopic === topic) change(keys);
    },
    lost: lose,
    closing: () => readLater?.cancel(),
  });
  // Where that is still to be found out, everything is lost first.
  if (isTold()) loadIfDue();

  return {
    get(key) {
      if (!isTold()) {
        const one = read([key]).then((found) => found.get(key) ?? empty);
        // Nobody may wait for it: a failure that nobody is told of would end the process.
        one.catch(() => {});
        return one;
      }
      const known = reading.get(key) ?? values.get(key);
      if (known !== undefined) return known;
      if (isWhole && !changed.has(key)) return empty;
      changed.delete(key);
      loadIfDue();
      const begun = readAndKeep([key]);
      begun.catch(() => {});
      return reading.get(key) ?? empty;
    },
  };
}
