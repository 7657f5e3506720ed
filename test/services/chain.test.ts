import { systemClock } from '../../services/clock';
import { type Database, openDatabase } from '../../services/database/database';
import { insertLogEntries, listLogEntries, type NewLogEntry } from '../../services/grants/log-store';
import { createRetention } from '../../services/grants/retention';
import { type Verification, verifyTeam } from '../../services/grants/verify';
import { createLogger } from '../../services/logger';
import { createSigner } from '../../services/secrets/signer';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { createTestClock } from '../support/test-clock';

const DAY_MS = 24 * 60 * 60_000;
const signer = createSigner('a key for this test');
const NOW = Date.parse('2026-06-30T12:00:00Z');

describe.each(databases)('the chain of the grant log, on %s', (kind) => {
  let place: TestDatabase;
  let database: Database;
  const clock = createTestClock(NOW);

  beforeEach(async () => {
    place = await createTestDatabase(kind);
    database = await openDatabase({ config: place.config, clock: systemClock });
    await fill();
  });
  afterEach(async () => {
    await database.close();
    await place.destroy();
  });

  function toEntry(teamId: string, number: number): NewLogEntry {
    return {
      at: new Date(NOW - (10 - number) * DAY_MS).toISOString(),
      teamId,
      userId: `U${number}`,
      event: 'granted',
      scopes: ['dnd:write:user'],
      source: 'slack_event',
      requestId: `R${number}`,
      triggerSource: 'slash_command',
      eventId: `Ev${teamId}${number}`,
      error: null,
      reason: 'So that it’s “quiet” 🤫',
    };
  }

  async function write(teamId: string, ...numbers: number[]): Promise<void> {
    await database.transactTeams([teamId], (tx) =>
      insertLogEntries(
        tx,
        numbers.map((number) => toEntry(teamId, number)),
      ),
    );
  }

  const verify = (teamId = 'T1', noted?: string): Promise<Verification> =>
    verifyTeam(teamId, { database, signer, clock, noted, onProgress: () => {} });

  async function seqOf(number: number): Promise<number> {
    const { items } = await listLogEntries(database.query, {
      filter: { teamId: 'T1', userId: `U${number}` },
      order: 'asc',
      limit: 1,
    });
    return items[0]!.seq;
  }

  /** Ten entries of one team with those of another between them. */
  async function fill(): Promise<void> {
    await write('T1', 0, 1, 2);
    await write('T2', 0);
    await write('T1', 3);
    await write('T2', 1, 2);
    for (let number = 4; number < 10; number += 1) await write('T1', number);
  }

  it('holds for each team by itself, whatever is written between', async () => {
    expect(await verify()).toMatchObject({ entries: 10, fault: undefined, newestHash: expect.any(String) });
    expect(await verify('T2')).toMatchObject({ entries: 3, fault: undefined });
    const [kept] = await place.run(`select verified_at, verified_fault from chains where team_id = 'T1'`);
    expect(kept).toEqual({ verified_at: new Date(NOW).toISOString(), verified_fault: null });
  });

  it.each([
    ['at', `'2020-01-01T00:00:00.000Z'`],
    ['user_id', `'U666'`],
    ['user_id', 'null'],
    ['event', `'denied'`],
    ['scopes', `'["admin"]'`],
    ['source', `'app'`],
    ['request_id', `'R666'`],
    ['trigger_source', `'shortcut'`],
    ['event_id', `'EvOther'`],
    ['error', `'superseded'`],
    ['reason', `'another'`],
    ['hash', `'${'0'.repeat(64)}'`],
  ])('finds a changed %s (%s)', async (column, value) => {
    const seq = await seqOf(5);
    await place.run(`update grant_log set ${column} = ${value} where seq = ${seq}`);
    expect((await verify()).fault).toMatchObject({ seq });
    expect((await verify('T2')).fault).toBeUndefined();
  });

  it('finds a deleted entry: first, in the middle, last', async () => {
    for (const [number, found] of [
      [0, 1],
      [5, 6],
      [9, undefined],
    ] as const) {
      const seq = await seqOf(number);
      const [row] = (await place.run(`select * from grant_log where seq = ${seq}`)) as Record<
        string,
        unknown
      >[];
      await place.run(`delete from grant_log where seq = ${seq}`);
      const { fault } = await verify();
      expect(fault?.what).toMatch(/removed|missing/);
      expect(fault?.seq).toBe(found === undefined ? undefined : await seqOf(found));
      const columns = Object.keys(row!);
      const values = columns.map((name) => toLiteral(row![name]));
      await place.run(`insert into grant_log (${columns.join()}) values (${values.join()})`);
      expect((await verify()).fault).toBeUndefined();
    }
  });

  it('finds an entry that was put in, with a hash of its own or without', async () => {
    const add = (teamSeq: string, hash: string) =>
      place.run(`insert into grant_log (at, team_id, user_id, event, scopes, source, team_seq, hash)
        values ('2026-06-30T00:00:00.000Z', 'T1', 'U666', 'granted', '["admin"]', 'app', ${teamSeq}, ${hash})`);
    for (const [teamSeq, hash] of [
      ['null', 'null'],
      ['11', `'${'0'.repeat(64)}'`],
      ['5', `'${'0'.repeat(64)}'`],
    ] as const) {
      await add(teamSeq, hash);
      const { fault } = await verify();
      expect(fault?.seq).toBeGreaterThan(await seqOf(9));
      await place.run(`delete from grant_log where user_id = 'U666'`);
    }
  });

  it('finds two entries that were swapped, with all that they hold', async () => {
    const [first, second] = [await seqOf(4), await seqOf(6)];
    await place.run(`update grant_log set seq = -1 where seq = ${first}`);
    await place.run(`update grant_log set seq = ${first} where seq = ${second}`);
    await place.run(`update grant_log set seq = ${second} where seq = -1`);
    expect((await verify()).fault).toMatchObject({ seq: first });
  });

  it('finds a tail that was cut off, also where the newest place was set back, by the hash that was noted', async () => {
    const { newestHash: noted } = await verify();
    const seq = await seqOf(7);
    await place.run(`delete from grant_log where team_id = 'T1' and seq > ${seq}`);
    expect((await verify()).fault).toMatchObject({
      seq: undefined,
      what: expect.stringContaining('missing'),
    });
    await place.run(`update chains set seq = ${seq}, team_seq = 8,
      hash = (select hash from grant_log where seq = ${seq}) where team_id = 'T1'`);
    expect((await verify()).fault).toBeUndefined();
    expect((await verify('T1', noted)).fault?.what).toContain('the hash that was noted');
  });

  it('finds the hash that was noted of an older entry', async () => {
    const [row] = (await place.run(`select hash from grant_log where user_id = 'U3' and team_id = 'T1'`)) as {
      hash: string;
    }[];
    expect((await verify('T1', row!.hash)).fault).toBeUndefined();
  });

  describe('of which old days were deleted', () => {
    const retention = (retentionDays: number) =>
      createRetention({
        database,
        signer,
        clock,
        retentionDays,
        logger: createLogger({ level: 'silent', secrets: [] }),
      });

    it('keeps what is younger, whole days at a time, and still verifies', async () => {
      const { newestHash: noted } = await verify();
      await retention(5).run();
      const { items } = await listLogEntries(database.query, {
        filter: { teamId: 'T1' },
        order: 'asc',
        limit: 99,
      });
      // The day of the fifth day before is kept whole.
      expect(items.map(({ userId }) => userId)).toEqual(['U5', 'U6', 'U7', 'U8', 'U9']);
      expect(await verify('T1', noted)).toMatchObject({ entries: 5, fault: undefined });
      await write('T1', 10);
      expect(await verify('T1', noted)).toMatchObject({ entries: 6, fault: undefined });
      const words = await place.run('select seq from log_words where seq not in (select seq from grant_log)');
      expect(words).toEqual([]);
    });

    it('holds where all was deleted, and goes on from there', async () => {
      await retention(1).run();
      await clock.advance(40 * DAY_MS);
      await retention(1).run();
      expect(await verify()).toMatchObject({ entries: 0, fault: undefined });
      await write('T1', 50);
      expect(await verify()).toMatchObject({ entries: 1, fault: undefined });
      await clock.advance(-40 * DAY_MS);
    });

    it('finds that more was deleted, that the stub was made anew, and that it is gone', async () => {
      await retention(5).run();
      const [stub] = (await place.run(`select * from chain_stubs where team_id = 'T1'`)) as { seq: number }[];
      const sixth = await seqOf(5);
      await place.run(`delete from grant_log where seq = ${sixth}`);
      expect((await verify()).fault?.what).toContain('removed');
      await place.run(`update chain_stubs set seq = ${sixth}, team_seq = 6 where team_id = 'T1'`);
      expect((await verify()).fault?.what).toContain('is not signed');
      await place.run(`delete from chain_stubs`);
      expect((await verify()).fault?.what).toContain('removed');
      expect(stub).toBeDefined();
    });

    it('keeps all with 0', async () => {
      await retention(0).run();
      expect(await verify()).toMatchObject({ entries: 10 });
    });
  });
});

function toLiteral(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `'${value.replaceAll(`'`, `''`)}'` : String(value);
}
