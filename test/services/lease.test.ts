import { sql } from 'kysely';
import { type Database, openDatabase } from '../../services/database/database';
import { setLease, takeDue, takeLease } from '../../services/database/lease';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { createTestClock, type TestClock } from '../support/test-clock';

const LEASE_MS = 60_000;
const LONGEST_MS = 600_000;

describe.each(databases)('a lease on rows, on %s', (kind) => {
  let clock: TestClock;
  let place: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    clock = createTestClock();
    place = await createTestDatabase(kind);
    database = await openDatabase({ config: place.config, clock });
    for (let id = 1; id <= 5; id += 1) await add(id, 0);
  });
  afterEach(async () => {
    await database.close();
    await place.destroy();
  });

  const add = (id: number, dueAt: number) =>
    database.query
      .insertInto('notices')
      .values({
        id,
        team_id: 'T1',
        user_id: `U${id}`,
        event: 'granted',
        scopes: '[]',
        attempts: 0,
        due_at_ms: dueAt,
      })
      .execute();

  const one = (id: number) => ({ table: 'notices', until: ['due_at_ms'], where: sql`id = ${id}` }) as const;

  async function take({ limit = 5, from = database } = {}): Promise<number[]> {
    const due = {
      table: 'notices',
      until: ['due_at_ms'],
      where: sql`true`,
      key: ['id'],
      orderBy: 'id',
      limit,
    } as const;
    const set = { attempts: sql`attempts + 1` };
    const rows = await takeDue(from, due, {
      now: clock.now(),
      leaseMs: LEASE_MS,
      longestMs: LONGEST_MS,
      set,
    });
    return rows.map(({ id }) => id).sort();
  }

  it('is of the first that are due, and they are due again when it has ended', async () => {
    expect(await take({ limit: 2 })).toEqual([1, 2]);
    expect(await take({ limit: 2 })).toEqual([3, 4]);
    expect(await take({ limit: 2 })).toEqual([5]);
    expect(await take()).toEqual([]);
    clock.set(LEASE_MS - 1);
    expect(await take()).toEqual([]);
    clock.set(1);
    expect(await take()).toEqual([1, 2, 3, 4, 5]);
    expect(await database.query.selectFrom('notices').select('attempts').execute()).toEqual(
      Array(5).fill({ attempts: 2 }),
    );
  });

  it('is had by one instance, however many ask at once', async () => {
    const other = await openDatabase({ config: place.config, clock });
    try {
      const taken = await Promise.all(
        Array.from({ length: 6 }, (_, n) => take({ from: n % 2 ? other : database })),
      );
      expect(taken.flat().sort()).toEqual([1, 2, 3, 4, 5]);
    } finally {
      await other.close();
    }
  });

  it('is renewed, postponed and released', async () => {
    await take();
    expect(await setLease(database.query, one(1), clock.now() + 2 * LEASE_MS)).toBe(true);
    expect(await setLease(database.query, one(2), 0, { attempts: 7 })).toBe(true);
    expect(await setLease(database.query, one(6), 0)).toBe(false);
    expect(await take()).toEqual([2]);
    const { attempts } = await database.query
      .selectFrom('notices')
      .select('attempts')
      .where('id', '=', 2)
      .executeTakeFirstOrThrow();
    expect(attempts).toBe(8);
    clock.set(LEASE_MS);
    expect(await take()).toEqual([2, 3, 4, 5]);
  });

  it('and a wait end also where the clock is set back by more than they can last', async () => {
    await take();
    await add(6, clock.now() + LONGEST_MS);
    expect(await take()).toEqual([]);
    clock.set(-1);
    expect(await take()).toEqual([6]);
    clock.set(-LONGEST_MS);
    expect(await take({ limit: 9 })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is taken again by whoever has it', async () => {
    const lease = { now: clock.now(), leaseMs: LEASE_MS, set: { user_id: 'U9' } };
    const isMine = sql<boolean>`user_id = 'U9'`;
    expect(await takeLease(database.query, one(1), lease)).toMatchObject([{ id: 1, user_id: 'U9' }]);
    expect(await takeLease(database.query, one(1), lease)).toEqual([]);
    expect(await takeLease(database.query, one(1), { ...lease, isMine })).toMatchObject([{ id: 1 }]);
  });
});
