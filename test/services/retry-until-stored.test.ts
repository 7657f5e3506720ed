import { isUnavailable } from '../../services/database/unavailable';
import { DatabaseError } from '../../services/runtime/errors';
import { createLogger } from '../../services/runtime/logger';
import { createStoreRetrier } from '../../services/runtime/retry-until-stored';
import { createTestClock } from '../support/test-clock';

const away = new DatabaseError('database_away', 'The database does not answer.');

describe('what is stored as soon as the database takes it', () => {
  function create() {
    const clock = createTestClock();
    const logger = createLogger({ level: 'silent', secrets: [] });
    return { clock, storing: createStoreRetrier({ isTransient: isUnavailable, clock, logger }) };
  }

  /** Fails with these, then succeeds. */
  function failing(...errors: unknown[]) {
    const tries = { count: 0 };
    const write = async () => {
      const error = errors[tries.count];
      tries.count += 1;
      if (error !== undefined) throw error;
      return 'stored';
    };
    return { write, tries };
  }

  it('is tried again at longer and longer intervals', async () => {
    const { clock, storing } = create();
    const { write, tries } = failing(away, away, away);
    const stored = storing.retry(write, 10_000);
    for (const [waitMs, count] of [
      [499, 1],
      [1, 2],
      [999, 2],
      [1, 3],
      [2_000, 4],
    ] as const) {
      await clock.advance(waitMs);
      expect(tries.count).toBe(count);
    }
    expect(await stored).toBe('stored');
  });

  it('is given up when its patience is used up', async () => {
    const { clock, storing } = create();
    const { write, tries } = failing(...Array(9).fill(away));
    const stored = storing.retry(write, 2_000).catch((error: unknown) => error);
    await clock.advance(60_000);
    expect(await stored).toBe(away);
    expect(tries.count).toBe(3);
  });

  it('is tried once where the error is our own', async () => {
    const { storing } = create();
    const { write, tries } = failing(new TypeError('undefined is not a function'));
    await expect(storing.retry(write, 60_000)).rejects.toThrow(TypeError);
    expect(tries.count).toBe(1);
  });

  it('is tried a last time when the app stops', async () => {
    const { clock, storing } = create();
    const { write, tries } = failing(...Array(9).fill(away));
    const stored = storing.retry(write, 60_000).catch((error: unknown) => error);
    await clock.advance(0);
    storing.stop();
    expect(await stored).toBe(away);
    expect(tries.count).toBe(2);
  });
});
