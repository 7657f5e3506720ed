import { type Database, openDatabase } from '../../services/database/database';
import type { TableRow } from '../../services/database/schema';
import { CHAIN_START, toEntryHash } from '../../services/grants/log/chain';
import { findChainList } from '../../services/grants/log/chain-list-store';
import { findStub, listChain, toStubText } from '../../services/grants/log/chain-store';
import { createRetention } from '../../services/grants/log/retention';
import { signLog, signUnsignedLog } from '../../services/grants/log/signing';
import { insertLogEntries, listLogEntries, type NewLogEntry } from '../../services/grants/log/store';
import {
  findListFault,
  listTeamsToVerify,
  type Verification,
  verifyChain,
} from '../../services/grants/log/verify';
import { systemClock } from '../../services/runtime/clock';
import { createLogger } from '../../services/runtime/logger';
import { createLogSigner, type LogSigner } from '../../services/runtime/secrets/log-signer';
import { createSigner } from '../../services/runtime/secrets/signer';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { createTestClock } from '../support/test-clock';
import { until } from '../support/until';

const DAY_MS = 24 * 60 * 60_000;
const KEY = 'a key for this test';
const signer = createLogSigner([KEY]);
const logger = createLogger({ level: 'silent', secrets: [] });
const NOW = Date.parse('2026-06-30T12:00:00Z');

describe.each(databases)('the chain of the grant log, on %s', (kind) => {
  let place: TestDatabase;
  let database: Database;
  const clock = createTestClock(NOW);

  beforeEach(async () => {
    place = await createTestDatabase(kind);
    database = await openDatabase({ config: place.config, clock: systemClock, signer });
    await signUnsignedLog({ database, signer, clock, logger });
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
    verifyChain(teamId, { database, signer, clock, noted, onProgress: () => {} });

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
      expect(fault?.description).toMatch(/removed|missing/);
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

  it('finds a tail that was cut off, also where the newest place was set back, by the signature and by a hash that was noted', async () => {
    const { newestHash: noted } = await verify();
    const seq = await seqOf(7);
    await place.run(`delete from grant_log where team_id = 'T1' and seq > ${seq}`);
    expect((await verify()).fault).toMatchObject({
      seq: undefined,
      description: expect.stringContaining('missing'),
    });
    await place.run(`update chains set seq = ${seq}, team_seq = 8,
      hash = (select hash from grant_log where seq = ${seq}) where team_id = 'T1'`);
    expect((await verify()).fault).toMatchObject({ isUnproven: true });
    expect((await verify('T1', noted)).fault?.description).toContain('the hash that was noted');
  });

  it('finds the hash that was noted of an older entry', async () => {
    const [row] = (await place.run(`select hash from grant_log where user_id = 'U3' and team_id = 'T1'`)) as {
      hash: string;
    }[];
    expect((await verify('T1', row!.hash)).fault).toBeUndefined();
  });

  /** What somebody can do who has the database alone: all of a team's chain made anew, its end and its hashes too. */
  async function rewrite(change: (row: TableRow<'grant_log'>) => TableRow<'grant_log'>): Promise<void> {
    let { teamSeq, hash: previous }: { teamSeq: number; hash: string } = CHAIN_START;
    for (const row of await listChain(database.query, { teamId: 'T1', after: 0, limit: 99 })) {
      teamSeq += 1;
      const { user_id } = change(row);
      previous = toEntryHash(previous, teamSeq, { ...row, user_id });
      await place.run(
        `update grant_log set user_id = '${user_id}', hash = '${previous}' where seq = ${row.seq}`,
      );
    }
    await place.run(`update chains set hash = '${previous}' where team_id = 'T1'`);
  }
  const accuse = (row: TableRow<'grant_log'>): TableRow<'grant_log'> => ({
    ...row,
    user_id: row.user_id === 'U5' ? 'U666' : row.user_id,
  });

  it('finds that the database alone was rewritten, chain and all', async () => {
    await rewrite(accuse);
    expect((await verify()).fault).toEqual({
      seq: undefined,
      description: expect.stringContaining('not signed'),
      isUnproven: true,
    });
    expect((await verify('T2')).fault).toBeUndefined();
  });

  it('does not sign what comes after entries that were rewritten', async () => {
    await rewrite(accuse);
    await write('T1', 10, 11);
    await write('T2', 3);
    expect((await verify()).fault).toMatchObject({
      description:
        '2 of its entries are not signed, from the 11th on: they were written while the app had another SIGNING_KEY, or by somebody without it',
    });
    expect((await verify('T2')).fault).toBeUndefined();
  });

  it('does not sign a chain whose signature was taken away', async () => {
    await rewrite(accuse);
    await place.run(`update chains set signature = null, signed_team_seq = null`);
    await signUnsignedLog({ database, signer, clock, logger });
    await write('T1', 10);
    expect((await verify()).fault).toMatchObject({
      description: expect.stringContaining('it is not signed'),
    });
    await place.run('delete from chain_list');
    await place.run(`update chains set signature = 'x' where team_id = 'T2'`);
    await signUnsignedLog({ database, signer, clock, logger });
    expect((await verify()).fault).toMatchObject({
      description: expect.stringContaining('it is not signed'),
    });
  });

  it('does not take the signature of another team, nor an older one', async () => {
    const [older] = (await place.run(
      `select signature, signed_team_seq from chains where team_id = 'T1'`,
    )) as { signature: string; signed_team_seq: number }[];
    await place.run(
      `update chains set signature = (select signature from chains where team_id = 'T2') where team_id = 'T1'`,
    );
    expect((await verify()).fault).toMatchObject({ isUnproven: true });
    await place.run(`update chains set signature = '${older!.signature}' where team_id = 'T1'`);
    expect((await verify()).fault).toBeUndefined();
    await write('T1', 10);
    await place.run(
      `update chains set signature = '${older!.signature}', signed_team_seq = 10 where team_id = 'T1'`,
    );
    expect((await verify()).fault).toMatchObject({
      description: expect.stringContaining('1 of its entries are not signed'),
    });
  });

  const eraseTeam = async (teamId: string) => {
    for (const table of ['log_scopes', 'log_words']) {
      await place.run(
        `delete from ${table} where seq in (select seq from grant_log where team_id = '${teamId}')`,
      );
    }
    for (const table of ['grant_log', 'chains', 'chain_stubs'])
      await place.run(`delete from ${table} where team_id = '${teamId}'`);
  };
  const check = async () => {
    const list = await findChainList(database.query, signer);
    return { teams: await listTeamsToVerify(database.query, list), fault: findListFault(list) };
  };

  it('misses a team whose entries are gone, also after it writes again', async () => {
    expect(await check()).toEqual({ teams: ['T1', 'T2'], fault: undefined });
    await eraseTeam('T2');
    expect(await check()).toEqual({ teams: ['T1', 'T2'], fault: undefined });
    expect((await verify('T2')).fault).toMatchObject({
      description: 'All of its entries are gone: the signed list of teams names it',
    });
    await write('T2', 4);
    await write('T3', 1);
    expect((await verify('T2')).fault).toMatchObject({ isUnproven: true });
    expect((await verify('T3')).fault).toBeUndefined();
    expect(await check()).toEqual({ teams: ['T1', 'T2', 'T3'], fault: undefined });
  });

  it('misses the list of teams, and finds another in its place', async () => {
    await eraseTeam('T2');
    await place.run(`update chain_list set teams = '["T1"]'`);
    expect(await check()).toEqual({
      teams: ['T1'],
      fault: expect.stringContaining('not signed with SIGNING_KEY'),
    });
    // A team that is new must not have it signed.
    await write('T3', 1);
    expect((await check()).fault).toContain('not signed with SIGNING_KEY');
    await place.run('delete from chain_list');
    expect((await check()).fault).toContain('The log is not signed');
    await write('T4', 1);
    expect((await check()).fault).toContain('The log is not signed');
  });

  it('misses everything', async () => {
    for (const teamId of ['T1', 'T2']) await eraseTeam(teamId);
    expect(await check()).toEqual({ teams: ['T1', 'T2'], fault: undefined });
    expect((await verify('T1')).fault).toMatchObject({ description: expect.stringContaining('gone') });
    await place.run('delete from chain_list');
    expect(await check()).toEqual({ teams: [], fault: expect.stringContaining('The log is not signed') });
  });

  it('is signed as it stands where it was never signed, once', async () => {
    await place.run('update chains set signature = null, signed_team_seq = null');
    await place.run('delete from chain_list');
    expect((await verify()).fault).toMatchObject({
      description: expect.stringContaining('has not been started'),
    });
    await signUnsignedLog({ database, signer, clock, logger });
    expect((await verify()).fault).toBeUndefined();
    expect((await findChainList(database.query, signer))?.since).toBe(new Date(NOW).toISOString());
    await write('T1', 10);
    expect((await verify()).fault).toBeUndefined();
  });

  const unsign = async () => {
    await place.run('update chains set signature = null, signed_team_seq = null');
    await place.run('delete from chain_list');
  };

  it('is signed once where two instances start at the same time, and neither says that something is gone', async () => {
    await unsign();
    const another = await openDatabase({ config: place.config, clock: systemClock, signer });
    const lines: string[] = [];
    const told = createLogger({
      level: 'warn',
      secrets: [],
      destination: { write: (line: string) => void lines.push(line) },
    });
    try {
      await Promise.all(
        [database, another].map((one) => signUnsignedLog({ database: one, signer, clock, logger: told })),
      );
    } finally {
      await another.close();
    }
    expect(lines).toEqual([expect.stringContaining('signed its current state')]);
    expect(await check()).toEqual({ teams: ['T1', 'T2'], fault: undefined });
    for (const teamId of ['T1', 'T2']) expect((await verify(teamId)).fault).toBeUndefined();
  });

  it('is signed for the first time without a look at the entries', async () => {
    await unsign();
    await place.run('alter table grant_log rename to grant_log_away');
    try {
      await signUnsignedLog({ database, signer, clock, logger });
    } finally {
      await place.run('alter table grant_log_away rename to grant_log');
    }
    for (const teamId of ['T1', 'T2']) expect((await verify(teamId)).fault).toBeUndefined();
  });

  it('is signed while one team is held at a time at most, however many there are', async () => {
    const held: number[] = [];
    const counted: Database = {
      ...database,
      transactTeams: (teamIds, run) => {
        held.push(teamIds.length);
        return database.transactTeams(teamIds, run);
      },
    };
    await unsign();
    await signUnsignedLog({ database: counted, signer, clock, logger });
    await signLog({ database: counted, signer, clock, asItStands: false, onProgress: () => {} });
    expect(held.length).toBeGreaterThan(0);
    expect(held.filter((count) => count > 1)).toEqual([]);
  });

  // SQLite has one writer at a time.
  if (kind === 'postgres') {
    it('keeps a team on the list whose first entry comes while it is signed anew', async () => {
      const written = deferred();
      const mayCommit = deferred();
      const writing = database.transactTeams(['T3'], async (tx) => {
        await insertLogEntries(tx, [toEntry('T3', 1)]);
        written.resolve();
        await mayCommit.done;
      });
      await written.done;
      const another = await openDatabase({ config: place.config, clock: systemClock, signer });
      const signing = signLog({ database: another, signer, clock, asItStands: false, onProgress: () => {} });
      try {
        // It waits for the list, which the team's first entry is about to change.
        await until(async () => (await place.run('select pid from pg_locks where not granted')).length > 0);
      } finally {
        mayCommit.resolve();
        await Promise.all([writing, signing]);
        await another.close();
      }
      expect((await findChainList(database.query, signer))?.teams).toEqual(['T1', 'T2', 'T3']);
      expect((await verify('T3')).fault).toBeUndefined();
    });
  }

  describe('whose key is changed', () => {
    const NEW_KEY = 'another key for this test';
    const both = createLogSigner([NEW_KEY, KEY]);
    const onlyNew = createLogSigner([NEW_KEY]);
    const verifyWith = (by: LogSigner) =>
      verifyChain('T1', { database, signer: by, clock, onProgress: () => {} });
    const sign = (by: LogSigner, asItStands = false) =>
      signLog({ database, signer: by, clock, asItStands, onProgress: () => {} });
    const openWith = async (by: LogSigner) => {
      await database.close();
      database = await openDatabase({ config: place.config, clock: systemClock, signer: by });
    };

    it('holds while the old one stands after it, and without it once it is signed anew', async () => {
      await openWith(both);
      await write('T1', 10);
      expect((await verifyWith(both)).fault).toBeUndefined();
      const before = await findChainList(database.query, both);
      expect(await sign(both)).toEqual({
        since: before?.since,
        signings: ['T1', 'T2'].map((teamId) => ({ teamId, kind: 'was_signed' })),
      });
      expect((await verifyWith(onlyNew)).fault).toBeUndefined();
      expect((await findChainList(database.query, onlyNew))?.check).toBe('current');
    });

    it('says why it cannot be proved without the old one, and what to do', async () => {
      await openWith(onlyNew);
      expect((await verifyWith(onlyNew)).fault).toMatchObject({
        isUnproven: true,
        description: expect.stringContaining(
          'if you changed the key, write the old one after the new one, with a comma, and run scopekeeper sign',
        ),
      });
      await write('T1', 10);
      // The old signature is still there for whoever has the old key.
      expect((await verifyWith(both)).fault).toMatchObject({
        description: expect.stringContaining('1 of its entries are not signed, from the 11th on'),
      });
      expect((await sign(both)).signings).toMatchObject([
        { teamId: 'T1', kind: 'refused' },
        { teamId: 'T2', kind: 'was_signed' },
      ]);
    });

    it('is signed as it stands where the old one is lost, but no chain that is broken', async () => {
      await openWith(onlyNew);
      await createRetention({ database, signer, clock, retentionDays: 5, logger }).run();
      expect((await sign(onlyNew)).since).toBeUndefined();
      const seq = await seqOf(7);
      await place.run(`update grant_log set reason = 'changed' where seq = ${seq}`);
      expect((await sign(onlyNew, true)).signings).toMatchObject([
        { teamId: 'T1', kind: 'refused', sentence: expect.stringContaining('changed') },
        { teamId: 'T2', kind: 'signed' },
      ]);
      await place.run(`update grant_log set reason = 'So that it’s “quiet” 🤫' where seq = ${seq}`);
      expect((await sign(onlyNew, true)).signings).toMatchObject([
        { teamId: 'T1', kind: 'signed' },
        { teamId: 'T2', kind: 'was_signed' },
      ]);
      await write('T1', 10);
      expect((await verifyWith(onlyNew)).fault).toBeUndefined();
    });

    it('keeps a stub that was signed before keys were named', async () => {
      await createRetention({ database, signer, clock, retentionDays: 5, logger }).run();
      const stub = await findStub(database.query, 'T1');
      const old = createSigner(KEY).sign('chain stub', toStubText(stub!));
      await place.run(`update chain_stubs set signature = '${old}' where team_id = 'T1'`);
      expect((await verify()).fault).toBeUndefined();
    });
  });

  describe('of which old days were deleted', () => {
    const retention = (retentionDays: number) =>
      createRetention({
        database,
        signer,
        clock,
        retentionDays,
        logger,
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
      const [gone] = (await place.run(`select hash from grant_log where seq = ${sixth}`)) as {
        hash: string;
      }[];
      await place.run(`delete from grant_log where seq = ${sixth}`);
      expect((await verify()).fault?.description).toContain('removed');
      await place.run(`update chain_stubs set seq = ${sixth}, team_seq = 6, hash = '${gone!.hash}'
        where team_id = 'T1'`);
      expect((await verify()).fault?.description).toContain('not signed');
      await place.run(`delete from chain_stubs`);
      expect((await verify()).fault?.description).toContain('removed');
      expect(stub).toBeDefined();
    });

    it('keeps all with 0', async () => {
      await retention(0).run();
      expect(await verify()).toMatchObject({ entries: 10 });
    });
  });
});

function deferred() {
  let resolve = () => {};
  const done = new Promise<void>((given) => {
    resolve = given;
  });
  return { done, resolve };
}

function toLiteral(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'string' ? `'${value.replaceAll(`'`, `''`)}'` : String(value);
}
