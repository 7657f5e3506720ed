import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { loadDatabaseConfig } from '../../services/config/config';
import type { DatabaseConfig } from '../../services/config/database-url';
import { type Database, openDatabase } from '../../services/database/database';
import { openConnection } from '../../services/database/sqlite-connection';
import { type Clock, systemClock } from '../../services/runtime/clock';
import { DatabaseError } from '../../services/runtime/errors';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { createTestClock } from '../support/test-clock';

const opened: Database[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

async function open(config: DatabaseConfig, { mustExist = false } = {}): Promise<Database> {
  const database = await openDatabase({ config, clock: systemClock, mustExist });
  opened.push(database);
  return database;
}

/** As an app opens it that people wait for. */
async function serve(config: DatabaseConfig, clock: Clock = systemClock): Promise<Database> {
  const database = await openDatabase({ config, clock, isServing: true });
  opened.push(database);
  return database;
}

async function faultOf(opening: Promise<unknown>): Promise<DatabaseError> {
  const fault = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(DatabaseError);
  return fault as DatabaseError;
}

const notice = (user_id: string, due_at_ms = 0) => ({
  team_id: 'T1',
  user_id,
  event: 'granted',
  scopes: '[]',
  attempts: 0,
  due_at_ms,
});

describe.each(databases)('the database, on %s', (kind) => {
  let place: TestDatabase;
  beforeEach(async () => {
    place = await createTestDatabase(kind);
  });
  afterEach(() => place.destroy());

  const insert = (database: Database, user: string) =>
    database.transact((tx) => tx.insertInto('notices').values(notice(user)).execute());
  const users = async (database: Database) =>
    (await database.query.selectFrom('notices').select('user_id').orderBy('id').execute()).map(
      (row) => row.user_id,
    );

  it('is opened again as it was', async () => {
    const first = await open(place.config);
    await insert(first, 'U1');
    expect(await users(await open(place.config))).toEqual(['U1']);
    expect(first.kind).toBe(kind);
  });

  const usersForTrigger = (database: Database) =>
    database.readForTrigger(async (read) =>
      (await read(sql<{ user_id: string }>`select user_id from notices order by id`)).map(
        (row) => row.user_id,
      ),
    );

  it('is read for a trigger while a transaction is under way, as it was committed last', async () => {
    const database = await serve(place.config);
    await insert(database, 'U1');
    await database.transact(async (tx) => {
      await tx.insertInto('notices').values(notice('U2')).execute();
      expect(await usersForTrigger(database)).toEqual(['U1']);
    });
    expect(await usersForTrigger(database)).toEqual(['U1', 'U2']);
    await insert(await open(place.config), 'U3');
    expect(await usersForTrigger(database)).toEqual(['U1', 'U2', 'U3']);
  });

  it('is read for a trigger while another process holds it', async () => {
    const database = await serve(place.config);
    await insert(database, 'U1');
    const lock = await place.lock();
    expect(await usersForTrigger(database)).toEqual(['U1']);
    await lock.release();
  });

  it('keeps a trigger for 150 ms, and none within the next second', async () => {
    const clock = createTestClock();
    const database = await serve(place.config, clock);
    await insert(database, 'U1');
    let end = (_users: string[]) => {};
    const hang = () =>
      new Promise<string[]>((resolve) => {
        end = resolve;
      });
    const slow = () => database.readForTrigger(hang);
    let isOver = false;
    const first = slow().finally(() => {
      isOver = true;
    });
    await clock.advance(149);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await first).toBeUndefined();
    expect(await slow()).toBeUndefined();

    // One that comes to an end says that the database answers again.
    end(['U2']);
    await clock.advance(0);
    expect(await usersForTrigger(database)).toEqual(['U1']);
    await expect(database.readForTrigger(() => Promise.reject(new Error('our own')))).rejects.toThrow('our');
  });

  it('counts in numbers, also beyond 32 bits', async () => {
    const database = await open(place.config);
    const dueAt = 2 ** 41;
    await database.query.insertInto('notices').values(notice('U1', dueAt)).execute();
    const row = await database.query
      .selectFrom('notices')
      .select((column) => ['id', 'due_at_ms', column.fn.countAll<number>().over().as('count')])
      .executeTakeFirst();
    expect(row).toEqual({ id: 1, due_at_ms: dueAt, count: 1 });
  });

  it('undoes a transaction that fails', async () => {
    const database = await open(place.config);
    const failing = database.transact(async (tx) => {
      await tx.insertInto('notices').values(notice('U1')).execute();
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    await insert(database, 'U2');
    expect(await users(database)).toEqual(['U2']);
  });

  it('lets the writers of a team take turns, wherever they run', async () => {
    const instances = [await open(place.config), await open(place.config)];
    await insert(instances[0]!, 'U1');
    const addOne = (database: Database, teams: string[]) =>
      database.transactTeams(teams, async (tx) => {
        const { attempts } = await tx.selectFrom('notices').select('attempts').executeTakeFirstOrThrow();
        await tx
          .updateTable('notices')
          .set({ attempts: attempts + 1 })
          .execute();
      });
    const writes = Array.from({ length: 12 }, (_, number) =>
      addOne(instances[number % 2]!, number % 3 === 0 ? ['T1', 'T2', 'T1'] : ['T2', 'T1']),
    );
    await Promise.all(writes);
    expect(await instances[0]!.query.selectFrom('notices').select('attempts').execute()).toEqual([
      { attempts: 12 },
    ]);
  });

  it('is healthy, and writes nothing to see that', async () => {
    const database = await open(place.config);
    await insert(database, 'U1');
    await database.assertWritable();
    expect(await users(database)).toEqual(['U1']);
  });

  it('is unhealthy where it was taken away', async () => {
    const database = await open(place.config);
    await database.assertWritable();
    await place.makeUnavailable();
    await expect(database.assertWritable()).rejects.toThrow();
  });
});

describe('an SQLite file', () => {
  let folder: string;
  let path: string;
  let config: DatabaseConfig;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scopekeeper-database-'));
    path = join(folder, 'deep', 'down', 'scopekeeper.db');
    config = { kind: 'sqlite', path };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made with its folder, and survives a power cut after each commit: WAL, and a sync a commit', async () => {
    const database = await open(config);
    const read = async (name: string) =>
      (await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(database.query)).rows[0];
    expect(await read('journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(await read('synchronous')).toEqual({ synchronous: 2 });
  });

  it('is not made where it must exist', async () => {
    expect((await faultOf(open(config, { mustExist: true }))).message).toContain(
      'Start the app once, or set DATABASE_URL',
    );
    expect(existsSync(path)).toBe(false);
  });

  it('is refused where it is none of ours', async () => {
    mkdirSync(join(folder, 'deep', 'down'), { recursive: true });
    writeFileSync(path, 'This is a letter to my aunt, and long enough to be looked at.'.repeat(20));
    expect((await faultOf(open(config))).message).toContain('cannot be used (file is not a database)');
  });

  it('is refused where its folder cannot be made', async () => {
    writeFileSync(join(folder, 'deep'), 'a file in the way');
    chmodSync(join(folder, 'deep'), 0o444);
    expect((await faultOf(open(config))).message).toContain(
      'Set DATABASE_URL to a file in a folder that this user may write to',
    );
  });

  /** Some rows in the file, an older copy beside it, and more rows in the WAL. */
  async function openFilled(): Promise<Database> {
    const database = await open(config);
    const fill = () =>
      database.transact((tx) =>
        tx
          .insertInto('notices')
          .values(Array.from({ length: 100 }, () => notice('U1')))
          .execute(),
      );
    const checkpoint = () => sql`pragma wal_checkpoint(truncate)`.execute(database.query);
    await fill();
    await checkpoint();
    copyFileSync(path, `${path}.older`);
    await fill();
    await checkpoint();
    await fill();
    return database;
  }

  const losses: readonly (readonly [string, RegExp, () => void])[] = [
    ['deleted', /scopekeeper\.db was deleted while/, () => rmSync(path)],
    ['deleted with its folder', /was deleted while/, () => rmSync(folder, { recursive: true })],
    ['replaced', /scopekeeper\.db was replaced while/, () => renameSync(`${path}.older`, path)],
    [
      'overwritten by a backup',
      /was (overwritten|cut short) while/,
      () => copyFileSync(`${path}.older`, path),
    ],
    ['overwritten by a letter', /was (overwritten|cut short) while/, () => writeFileSync(path, 'Dear aunt')],
    ['cut to nothing', /was cut short while/, () => truncateSync(path)],
    ['cut in half', /was cut short while/, () => truncateSync(path, statSync(path).size / 2)],
    ['robbed of its WAL', /scopekeeper\.db-wal was deleted while/, () => rmSync(`${path}-wal`)],
  ];

  it.each(losses)(
    'takes nothing and reads nothing once it was %s, and says so',
    async (_what, words, lose) => {
      const database = await openFilled();
      await database.assertWritable();
      lose();
      await expect(
        database.transact((tx) => tx.insertInto('notices').values(notice('U2')).execute()),
      ).rejects.toThrow(words);
      await expect(database.query.selectFrom('notices').selectAll().execute()).rejects.toThrow(words);
      await expect(database.assertWritable()).rejects.toThrow(words);
      mkdirSync(folder, { recursive: true });
    },
  );

  it.each(losses.filter(([, words]) => /deleted|replaced/.test(words.source)))(
    'reads nothing for a trigger once it was %s',
    async (_what, words, lose) => {
      await openFilled();
      const serving = await serve(config);
      const read = () => serving.readForTrigger((read) => read(sql`select user_id from notices`));
      expect(await read()).toHaveLength(300);
      lose();
      await expect(read()).rejects.toThrow(words);
      mkdirSync(folder, { recursive: true });
    },
  );

  it.each(losses)('commits nothing that was under way when it was %s', async (_what, words, lose) => {
    const database = await openFilled();
    const writing = database.transact(async (tx) => {
      await tx.insertInto('notices').values(notice('U2')).execute();
      lose();
    });
    await expect(writing).rejects.toThrow(words);
    mkdirSync(folder, { recursive: true });
  });

  it('is whole without its WAL when it was closed by the last who had it open', async () => {
    const database = await openFilled();
    await database.close();
    opened.splice(0);
    expect(readdirSync(join(folder, 'deep', 'down')).sort()).toEqual([
      'scopekeeper.db',
      'scopekeeper.db.older',
    ]);
    expect(await (await open(config)).query.selectFrom('notices').selectAll().execute()).toHaveLength(300);
  });

  it('is left with an empty WAL where it was also read for triggers', async () => {
    await openFilled();
    const serving = await serve(config);
    await serving.readForTrigger((read) => read(sql`select user_id from notices`));
    await Promise.all(opened.splice(0).map((database) => database.close()));
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    expect(await (await open(config)).query.selectFrom('notices').selectAll().execute()).toHaveLength(300);
  });

  it('is used again where it was moved, and moved back', async () => {
    const database = await openFilled();
    renameSync(path, `${path}.away`);
    await expect(database.assertWritable()).rejects.toThrow('was deleted');
    renameSync(`${path}.away`, path);
    await database.assertWritable();
  });

  it('is left as it is at the end, where it is not the one that was opened', async () => {
    const database = await openFilled();
    copyFileSync(`${path}.older`, path);
    await database.close();
    opened.splice(0);
    expect(statSync(path).size).toBe(statSync(`${path}.older`).size);
    expect(existsSync(`${path}-wal`)).toBe(true);
  });

  it.each(['passive', 'truncate'])(
    'goes on where another program moves the WAL into it (%s)',
    async (mode) => {
      const database = await openFilled();
      const other = openConnection(path);
      const before = statSync(path).mtimeMs;
      other.prepare(`pragma wal_checkpoint(${mode})`).all();
      other.close();
      expect(statSync(path).mtimeMs).toBeGreaterThan(before);
      await database.transact((tx) => tx.insertInto('notices').values(notice('U2')).execute());
      await database.assertWritable();
    },
  );

  it('goes on where another program makes it smaller', async () => {
    const database = await openFilled();
    const other = openConnection(path);
    other.exec('delete from notices; vacuum; pragma wal_checkpoint(truncate)');
    other.close();
    await database.transact((tx) => tx.insertInto('notices').values(notice('U2')).execute());
    await database.assertWritable();
  });

  it('is unhealthy while it is full, and for ten seconds more, in SQLite’s own words', async () => {
    const clock = createTestClock();
    const database = await openDatabase({ config, clock });
    opened.push(database);
    const allow = (pages: number) => sql.raw(`pragma max_page_count = ${pages}`).execute(database.query);
    const fill = () =>
      database.transact((tx) =>
        tx
          .insertInto('notices')
          .values({ ...notice('U2'), scopes: 'x'.repeat(100_000) })
          .execute(),
      );
    await allow(1);
    await expect(fill()).rejects.toThrow('database or disk is full');
    await database.transact((tx) => tx.selectFrom('notices').selectAll().execute());
    await expect(database.assertWritable()).rejects.toThrow('database or disk is full');
    await allow(2 ** 30);
    await fill();
    await clock.advance(10_000);
    await database.assertWritable();
  });

  it('is for nobody but the user that runs the app, also where others could read it until now', async () => {
    const modes = () =>
      Object.fromEntries(
        readdirSync(join(folder, 'deep', 'down')).map((name) => [
          name,
          (statSync(join(folder, 'deep', 'down', name)).mode & 0o777).toString(8),
        ]),
      );
    const expected = {
      'scopekeeper.db': '600',
      'scopekeeper.db-shm': '600',
      'scopekeeper.db-wal': '600',
    };
    await (await open(config)).assertWritable();
    expect(modes()).toEqual(expected);
    expect((statSync(join(folder, 'deep', 'down')).mode & 0o777).toString(8)).toBe('700');
    for (const name of Object.keys(expected)) chmodSync(join(folder, 'deep', 'down', name), 0o644);
    await (await open(config)).assertWritable();
    expect(modes()).toEqual(expected);
  });

  it('is waited for while another process writes, without blocking this one', async () => {
    const database = await open(config);
    const other = openConnection(path);
    other.exec('begin immediate');
    let written = false;
    const writing = database
      .transact((tx) => tx.insertInto('notices').values(notice('U1')).execute())
      .then(() => {
        written = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    other.exec('commit');
    await writing;
    expect(written).toBe(true);
    other.close();
  });
});

describe('a PostgreSQL database', () => {
  let place: TestDatabase;
  beforeEach(async () => {
    place = await createTestDatabase('postgres');
  });
  afterEach(() => place.destroy());

  const endOthers = () =>
    place.run(
      'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );

  it('is not filled where it must exist', async () => {
    await place.destroy();
    place = await createTestDatabase('postgres', { tables: 'none' });
    const fault = await faultOf(open(place.config, { mustExist: true }));
    expect(fault.message).toMatch(/^There is no database at 127\.0\.0\.1:\d+\/\w+\. Start the app once/);
    expect(await place.run(`select 1 from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  it.each([
    ['a server that does not answer', 'postgres://someone:open-sesame@localhost:1/x', /ECONNREFUSED/],
    ['a database that does not exist', '', /database "nowhere" does not exist/],
  ])('is refused with %s, and its password is told to nobody', async (_what, given, expected) => {
    const url = new URL(given || place.url.replace(/[^/]*$/, 'nowhere'));
    if (given === '') url.password = 'open-sesame';
    const fault = await faultOf(open(loadDatabaseConfig({ DATABASE_URL: url.href })));
    expect(fault.message).toMatch(expected);
    expect(fault.message).toContain('Set DATABASE_URL to a PostgreSQL database that answers');
    expect(fault.message).not.toContain('open-sesame');
  });

  it('is used again after every connection was lost', async () => {
    const database = await open(place.config);
    await Promise.all([database.assertWritable(), database.assertWritable(), database.assertWritable()]);
    await endOthers();
    await database.assertWritable();
    expect(await database.query.selectFrom('notices').selectAll().execute()).toEqual([]);
  });

  it('fails a transaction whose connection is lost, says why, and keeps nothing of it', async () => {
    const database = await open(place.config);
    const losing = database.transact(async (tx) => {
      await tx.insertInto('notices').values(notice('U1')).execute();
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
    });
    await expect(losing).rejects.toThrow('terminating connection');
    await database.transact((tx) => tx.insertInto('notices').values(notice('U2')).execute());
    expect(await database.query.selectFrom('notices').select('user_id').execute()).toEqual([
      { user_id: 'U2' },
    ]);
  });

  it('begins anew where two transactions wait for each other, and both are kept', async () => {
    const database = await open(place.config);
    await database.query
      .insertInto('notices')
      .values([notice('U1'), notice('U2')])
      .execute();
    let runs = 0;
    let tellBoth = () => {};
    const bothHoldOne = new Promise<void>((resolve) => {
      tellBoth = resolve;
    });
    const addOne = (order: [string, string]) =>
      database.transact(async (tx) => {
        for (const user of order) {
          await tx
            .updateTable('notices')
            .set((column) => ({ attempts: column('attempts', '+', 1) }))
            .where('user_id', '=', user)
            .execute();
          if (user !== order[0]) continue;
          runs += 1;
          if (runs === 2) tellBoth();
          await bothHoldOne;
        }
      });
    await Promise.all([addOne(['U1', 'U2']), addOne(['U2', 'U1'])]);
    expect(runs).toBe(3);
    expect(await database.query.selectFrom('notices').select('attempts').execute()).toEqual([
      { attempts: 2 },
      { attempts: 2 },
    ]);
  });

  it('begins anew a few times where the server undoes a transaction in favour of another, then gives up', async () => {
    const database = await open(place.config);
    let runs = 0;
    const undone = database.transact(async (tx) => {
      runs += 1;
      await sql`do $$ begin raise exception 'undone' using errcode = 'serialization_failure'; end $$`.execute(
        tx,
      );
    });
    await expect(undone).rejects.toThrow('undone');
    expect(runs).toBe(5);
  });

  it('does not let the writers of one team wait for those of another', async () => {
    const database = await open(place.config);
    await database.transactTeams(['T1'], async () => {
      await database.transactTeams(['T2'], (tx) => tx.insertInto('notices').values(notice('U1')).execute());
    });
    expect(await database.query.selectFrom('notices').select('user_id').execute()).toHaveLength(1);
  });

  it('reads what others have committed since the transaction began', async () => {
    const database = await open(place.config);
    const seen = await database.transact(async (tx) => {
      const count = () => tx.selectFrom('notices').selectAll().execute();
      const before = await count();
      await database.query.insertInto('notices').values(notice('U1')).execute();
      return [before.length, (await count()).length];
    });
    expect(seen).toEqual([0, 1]);
  });

  it('keeps nobody waiting for long: neither for a lock, nor for an instance that fell silent while it held one', async () => {
    const database = await open(place.config);
    const show = async (name: string) => (await sql.raw(`show ${name}`).execute(database.query)).rows[0];
    expect(await show('lock_timeout')).toEqual({ lock_timeout: '2s' });
    expect(await show('idle_in_transaction_session_timeout')).toEqual({
      idle_in_transaction_session_timeout: '10s',
    });
  });

  it('ends a slow statement itself in an app that people wait for, and keeps the connection', async () => {
    const limitOf = async (isServing: boolean) => {
      const database = await openDatabase({ config: place.config, clock: systemClock, isServing });
      opened.push(database);
      return (await sql.raw('show statement_timeout').execute(database.query)).rows[0];
    };
    expect(await limitOf(true)).toEqual({ statement_timeout: '4500ms' });
    expect(await limitOf(false)).toEqual({ statement_timeout: '0' });
  });

  it('is unhealthy where nothing can be written', async () => {
    await open(place.config);
    const url = new URL(place.url);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    const database = await open(loadDatabaseConfig({ DATABASE_URL: url.href }));
    await expect(database.assertWritable()).rejects.toThrow('read-only');
  });
});
