import { isUnavailable } from '../../services/database/unavailable';
import { DatabaseError } from '../../services/runtime/errors';
import { createLogger } from '../../services/runtime/logger';
import { createStoreRetrier } from '../../services/runtime/retry-until-stored';
import { createTestClock } from '../support/test-clock';

describe('what is stored as soon as the database takes it', () => {
  function create() {
    const clock = createTestClock(0);
    const logger = createLogger({ level: 'silent', secrets: [] });
    return { clock, storeRetrier: createStoreRetrier({ isTransient: isUnavailable, clock, logger }) };
  }

  const createAway = (attempt: number) => new DatabaseError('database_away', `away at attempt ${attempt}`);

  /** Fails so many times, then succeeds. */
  function createWrite(
    clock: { now(): number },
    failures: number,
    toError: (attempt: number) => Error = createAway,
  ) {
    const triedAt: number[] = [];
    const write = async () => {
      triedAt.push(clock.now());
      if (triedAt.length <= failures) throw toError(triedAt.length);
      return 'stored';
    };
    return { write, triedAt };
  }

  it('is tried again at intervals that double up to 15 s', async () => {
    const { clock, storeRetrier } = create();
    const { write, triedAt } = createWrite(clock, 7);
    const stored = storeRetrier.retry(write, 60_000);
    await clock.advance(60_000);
    expect(await stored).toBe('stored');
    expect(triedAt).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 30_500, 45_500]);
  });

  it('is given up after the time allowed, with what the last attempt threw', async () => {
    const { clock, storeRetrier } = create();
    const { write, triedAt } = createWrite(clock, 9);
    const fault = expect(storeRetrier.retry(write, 2_000)).rejects.toThrow('away at attempt 3');
    await clock.advance(60_000);
    await fault;
    expect(triedAt).toHaveLength(3);
  });

  it('is tried once where the error is our own', async () => {
    const { clock, storeRetrier } = create();
    const { write, triedAt } = createWrite(clock, 1, () => new TypeError('undefined is not a function'));
    await expect(storeRetrier.retry(write, 60_000)).rejects.toThrow(TypeError);
    expect(triedAt).toHaveLength(1);
  });

  it('is tried a last time, at once, when the app stops', async () => {
    const { clock, storeRetrier } = create();
    const { write, triedAt } = createWrite(clock, 9);
    const fault = expect(storeRetrier.retry(write, 60_000)).rejects.toThrow('away at attempt 2');
    await clock.advance(0);
    storeRetrier.stop();
    await fault;
    expect(triedAt).toEqual([0, 0]);
  });
});
