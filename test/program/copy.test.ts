import { createHash } from 'node:crypto';
import { copyFileSync, existsSync } from 'node:fs';
import { toProgressText } from '../../cli/copy';
import { type Database, openDatabase } from '../../services/database/database';
import { systemClock } from '../../services/runtime/clock';
import { runCli } from '../support/cli';
import {
  createTestDatabase,
  databases,
  type TestDatabase,
  type TestDatabaseKind,
} from '../support/databases';
import { startProgram } from '../support/program';
import { until } from '../support/until';
import { LAST_NOTICE_ID, LAST_SEQ, LOG_ENTRIES, seed } from './copy-seed';

/** The copy stops there, in the last batch of the log, until the trap is taken away. */
const TRAP_SEQ = LAST_SEQ - 10;

let made: TestDatabase[] = [];
afterEach(async () => {
  await Promise.all(made.map((database) => database.destroy()));
  made = [];
});

async function create(kind: TestDatabaseKind): Promise<TestDatabase> {
  const database = await createTestDatabase(kind, { tables: 'none' });
  made.push(database);
  return database;
}

let template: TestDatabase;
beforeAll(async () => {
  template = await createTestDatabase('sqlite');
  await withDatabase(template, seed);
});
afterAll(() => template.destroy());

/** A database with rows of every sort in every table. */
async function createSource(kind: TestDatabaseKind = 'sqlite'): Promise<TestDatabase> {
  const source = await create(kind);
  if (source.config.kind === 'sqlite' && template.config.kind === 'sqlite')
    copyFileSync(template.config.path, source.config.path);
  else await withDatabase(source, seed);
  return source;
}

async function withDatabase<T>(
  { config }: TestDatabase,
  run: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ config, clock: systemClock });
  try {
    return await run(database);
  } finally {
    await database.close();
  }
}

/** Every row of every table there is, but for what the migrations keep. */
function dump(database: TestDatabase): Promise<Record<string, string[]>> {
  return withDatabase(database, async ({ query }) => {
    const found: Record<string, string[]> = {};
    for (const { name } of await query.introspection.getTables()) {
      if (name.startsWith('kysely_')) continue;
      const rows = await query
        .selectFrom(name as 'grant_log')
        .selectAll()
        .execute();
      found[name] = rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
    }
    return found;
  });
}

const copy = (from: TestDatabase, to: TestDatabase) =>
  runCli(['copy', '--from', from.url, '--to', to.url], {});

async function expectCopied(from: TestDatabase, to: TestDatabase): Promise<void> {
  expect(await copy(from, to)).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^Copied and verified: .*\n$/),
  });
  expect(await dump(to)).toEqual(await dump(from));
}

async function expectRefused(from: TestDatabase, to: TestDatabase, ...sentences: RegExp[]): Promise<void> {
  const { code, stdout, stderr } = await copy(from, to);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  for (const sentence of sentences) expect(stderr).toMatch(sentence);
  expect(stderr).not.toContain('    at ');
}

/** What happens at an entry in the last batch of the log, when all others are written. */
const traps = {
  fails: {
    sqlite: [
      `create trigger trap before insert on grant_log when new.seq = ${TRAP_SEQ} begin select raise(abort, 'no more room'); end`,
      'drop trigger trap',
    ],
    postgres: [
      `alter table grant_log add constraint no_more_room check (seq <> ${TRAP_SEQ})`,
      'alter table grant_log drop constraint no_more_room',
    ],
  },
  // Over a second; less than a lock is waited for.
  takesLong: {
    sqlite: [
      `create trigger trap before insert on grant_log when new.seq = ${TRAP_SEQ} begin
        select count(*) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 8000000) select i from n);
      end`,
      'drop trigger trap',
    ],
    postgres: [
      `create function trap() returns trigger language plpgsql as 'begin perform pg_sleep(1.5); return new; end';
       create trigger trap before insert on grant_log for each row when (new.seq = ${TRAP_SEQ}) execute function trap()`,
      'drop trigger trap on grant_log; drop function trap',
    ],
  },
} as const;

async function createTrap(kind: TestDatabaseKind, trap: keyof typeof traps) {
  const target = await create(kind);
  await withDatabase(target, async () => {});
  const [set, spring] = traps[trap][kind];
  await target.run(set);
  return { target, spring: () => target.run(spring) };
}

/** A copy that has most of the log, and stopped. */
async function createUnfinished(kind: TestDatabaseKind = 'sqlite') {
  const source = await createSource();
  const { target, spring } = await createTrap(kind, 'fails');
  await expectRefused(source, target, /^The copy stopped: .*no.more.room.*run the same command again/);
  await spring();
  const held = await countLog(target);
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(LOG_ENTRIES);
  return { source, target };
}

async function countLog(database: TestDatabase): Promise<number> {
  const rows = await database.run('select count(*) as held from grant_log').catch(() => []);
  return Number((rows as { held: unknown }[])[0]?.held ?? 0);
}

/** When the copy has begun to write the log. */
async function halfWay(target: TestDatabase): Promise<void> {
  await until(async () => (await countLog(target)) > 0);
}

describe.each(databases.flatMap((from) => databases.map((to) => [from, to] as const)))(
  'scopekeeper copy, from %s to %s',
  (fromKind, toKind) => {
    it('moves every row of every table, and the numbers go on from there', async () => {
      const [from, to] = [await createSource(fromKind), await create(toKind)];
      const before = await dump(from);
      for (const [name, rows] of Object.entries(before)) expect([name, rows.length]).not.toEqual([name, 0]);

      await expectCopied(from, to);

      expect(await dump(from)).toEqual(before);
      const next = await withDatabase(to, async ({ query }) => {
        const entry = { at: 'now', team_id: 'T', event: 'granted', scopes: '[]', source: 'app' };
        const notice = {
          team_id: 'T',
          user_id: 'U',
          event: 'granted',
          scopes: '[]',
          attempts: 0,
          due_at_ms: 1,
        };
        return [
          await query.insertInto('grant_log').values(entry).returning('seq').executeTakeFirstOrThrow(),
          await query.insertInto('notices').values(notice).returning('id').executeTakeFirstOrThrow(),
        ];
      });
      expect(next).toEqual([{ seq: LAST_SEQ + 1 }, { id: LAST_NOTICE_ID + 1 }]);
    });
  },
);

describe.each(databases)('scopekeeper copy, to %s', (kind) => {
  it('goes on from its place where it was interrupted', async () => {
    const { source, target } = await createUnfinished(kind);
    const firstEntry = 'select * from grant_log where seq = 1';
    // Which transaction wrote it: another one, had the copy started over.
    const written =
      kind === 'postgres' ? 'select xmin::text from grant_log order by seq limit 1' : firstEntry;
    const before = await target.run(written);
    await expectCopied(source, target);
    expect(await target.run(written)).toEqual(before);
  });

  it('refuses a target that is not empty, and leaves it as it was', async () => {
    const [source, target] = [await createSource(), await create(kind)];
    await withDatabase(target, ({ query }) =>
      query.insertInto('received_events').values({ event_id: 'Ev1', received_at: 'now' }).execute(),
    );
    const before = await dump(target);
    await expectRefused(source, target, /is not empty \(received_events holds rows\).*Name a .* with --to/);
    expect(await dump(target)).toEqual(before);
  });

  it('refuses a target that was copied and verified', async () => {
    const [source, target] = [await createSource(), await create(kind)];
    await expectCopied(source, target);
    await expectRefused(source, target, /is not empty/);
  });

  it('copies a database without rows, and the log begins at 1', async () => {
    const [source, target] = [await create('sqlite'), await create(kind)];
    await withDatabase(source, async () => {});
    await expectCopied(source, target);
    const entry = `insert into grant_log (at, team_id, event, scopes, source) values ('now', 'T', 'granted', '[]', 'app') returning seq`;
    expect((await target.run(entry)).map((row) => Number((row as { seq: unknown }).seq))).toEqual([1]);
  });

  it.each([
    [
      'a changed entry',
      `update grant_log set reason = 'rewritten' where seq = 1`,
      /grant_log differs, first at seq 1 /,
    ],
    [
      'a lost row',
      'delete from request_triggers',
      /request_triggers holds \d+ rows in the source and 0 in the target/,
    ],
  ])('finds %s in the target', async (_what, statement, sentence) => {
    const { source, target } = await createUnfinished(kind);
    await target.run(statement);
    await expectRefused(source, target, sentence, /copy again, with --to naming a /);
  });
});

describe('scopekeeper copy', () => {
  const start = (from: TestDatabase, to: TestDatabase) =>
    startProgram('cli.js', ['copy', '--from', from.url, '--to', to.url], {});

  it('goes on after kill -9', async () => {
    const source = await createSource();
    const { target, spring } = await createTrap('postgres', 'takesLong');
    const { child, ended } = start(source, target);
    await halfWay(target);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ code: null, stdout: '' });
    expect(await countLog(target)).toBeLessThan(LOG_ENTRIES);
    // Half of the record must not be taken for all of it.
    const early = await runCli(['log'], { DATABASE_URL: target.url });
    expect(early).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('an unfinished copy'),
    });
    await spring();
    await expectCopied(source, target);
  });

  it.each(databases)('goes on after Ctrl-C, to %s', async (kind) => {
    const source = await createSource();
    const { target, spring } = await createTrap(kind, 'takesLong');
    const { child, ended } = start(source, target);
    await halfWay(target);
    child.kill('SIGINT');
    expect(await ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Interrupted. Run the same command again to resume.\n',
    });
    // The batch was finished, whichever it was, and no other begun.
    expect([2_000, LOG_ENTRIES]).toContain(await countLog(target));
    expect(await target.run('select * from log_scopes')).toEqual([]);
    await spring();
    await expectCopied(source, target);
  });

  it('stops where another copy writes to the same target', async () => {
    const source = await createSource();
    const { target } = await createTrap('postgres', 'takesLong');
    const first = start(source, target);
    await halfWay(target);
    const second = await start(source, target).ended;
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(/^Another copy is writing to .* Wait for the other/);
    expect(await first.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await dump(target)).toEqual(await dump(source));
  });

  it('reckons a checksum that others can reckon', async () => {
    const [source, target] = [await createSource(), await create('postgres')];
    const { stdout } = await copy(source, target);
    const rows = await source.run('select * from grant_log order by seq');
    const text = rows.map((row) => `${JSON.stringify(Object.values(row as object))}\n`).join('');
    expect(stdout).toContain(`SHA-256 ${createHash('sha256').update(text).digest('hex')}`);
    expect(stdout).toContain(`${LOG_ENTRIES.toLocaleString('en')} of them the log`);
  });

  it('refuses to go on from another source, and goes on from the first', async () => {
    const { source, target } = await createUnfinished();
    const other = await createSource();
    await expectRefused(
      other,
      target,
      /holds an unfinished copy of .*, not of .* Name the first with --from/,
    );
    await expectCopied(source, target);
  });

  it('does not take an unfinished copy for a source', async () => {
    const { target } = await createUnfinished();
    await expectRefused(target, await create('postgres'), /is itself an unfinished copy/);
  });

  it.each([
    [
      'an entry more',
      `insert into grant_log (at, team_id, event, scopes, source) values ('now', 'T', 'granted', '[]', 'app')`,
      /grant_log held 2500 rows, and now holds 2501/,
    ],
    [
      'an entry that is not what it was',
      `update grant_log set reason = 'rewritten' where seq = 2`,
      /grant_log is not what it was, first at seq 2\b/,
    ],
    [
      'an entry that was copied as it is now, and not as it was',
      `update grant_log set reason = 'rewritten' where seq = ${LAST_SEQ}`,
      /grant_log is not what it was\. /,
    ],
    ['a notice less', 'delete from notices where id = 3', /notices held 2 rows, and now holds 1/],
  ])('finds that the source was written to meanwhile: %s', async (_what, statement, sentence) => {
    const { source, target } = await createUnfinished();
    await source.run(statement);
    await expectRefused(source, target, sentence);
    await expectRefused(
      source,
      target,
      /^The source was written to since .* Stop everything that uses either/,
    );
  });

  it('writes the replacement character where PostgreSQL has none for U+0000', async () => {
    const [source, target] = [await createSource(), await create('postgres')];
    await source.run(`update grant_log set reason = 'a' || char(0) || 'b' where seq = 1`);
    expect(await copy(source, target)).toMatchObject({ code: 0, stderr: '' });
    expect(await target.run('select reason from grant_log where seq = 1')).toEqual([{ reason: 'a\ufffdb' }]);

    const file = await create('sqlite');
    await expectCopied(source, file);
  });

  it('takes both addresses from the environment, where ps does not show their passwords', async () => {
    const [source, target] = [await createSource(), await create('sqlite')];
    const ended = await runCli(['copy'], {
      COPY_FROM_URL: source.url,
      COPY_TO_URL: target.url,
      DATABASE_URL: 'file:/nowhere/x.db',
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(await dump(target)).toEqual(await dump(source));
  });

  it('says how to name the database to fill', async () => {
    const source = await createSource();
    const ended = await runCli(['copy', '--from', source.url], {});
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('COPY_TO_URL') });
    const faulty = await runCli(['copy'], { COPY_TO_URL: 'nonsense' });
    expect(faulty).toMatchObject({ code: 1, stderr: expect.stringContaining('COPY_TO_URL must be') });
  });

  it('reads from DATABASE_URL where no --from is given', async () => {
    const [source, target] = [await createSource(), await create('sqlite')];
    const ended = await runCli(['copy', '--to', target.url], { DATABASE_URL: source.url });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(await dump(target)).toEqual(await dump(source));
  });

  it('never prints a password', async () => {
    const [source, target] = [await createSource(), await create('postgres')];
    const url = new URL(target.url);
    url.password = 's3cr3t';
    url.searchParams.set('application_name', 'a');
    const to = { ...target, url: url.href };
    const ended = await copy(source, to);
    expect(ended.code).toBe(0);
    const again = await copy(source, to);
    expect(again.code).toBe(1);
    url.port = '1';
    const unreachable = await copy(source, { ...target, url: url.href });
    expect(unreachable).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Set --to to'),
    });
    expect(JSON.stringify([ended, again, unreachable])).not.toContain('s3cr3t');
  });

  it.each([
    [['--to', ''], /--to must be file: and a path/],
    [['--to', 'mysql://root:s3cr3t@host/x'], /--to must be file: and a path/],
    [['--to', 'postgres://root:s3cr3t@host'], /--to must name a database/],
    [['--to', 'file:/tmp/x.db', '--from', 'postgres:root:s3cr3t'], /--from must be file: and a path/],
    [
      ['--to', 'file:/tmp/never.db', '--from', 'file:/nowhere/x.db'],
      /no database at \/nowhere.*set --from to/,
    ],
    [['--to', 'file:/tmp/never.db'], /no database at \/nowhere.*set DATABASE_URL to/],
    [['--from', 'file:/tmp/x.db', '--to', 'file:/tmp/../tmp/x.db'], /--from and --to name the same database/],
    [['--from', 'file:/tmp/x.db'], /^Name the database to fill with COPY_TO_URL or --to/],
  ])('says what is wrong with %j', async (args, sentence) => {
    const ended = await runCli(['copy', ...args], { DATABASE_URL: 'file:/nowhere/y.db' });
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) });
    expect(ended.stderr).not.toMatch(/ {4}at |s3cr3t/);
    expect(existsSync('/tmp/never.db')).toBe(false);
  });

  it('says that nothing may write to the source meanwhile', async () => {
    const { stdout } = await runCli(['copy', '--help'], {});
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Stop the app first: nothing may write to either');
  });

  it('shows on a terminal how far it is, and how long it takes', () => {
    const progress = {
      step: 'copying',
      table: 'grants',
      rows: 1_000,
      of: 4_000,
      done: 2_000,
      total: 8_000,
    } as const;
    expect(toProgressText(progress, 30_000)).toBe('Copying grants: 1,000 of 4,000 rows, about 1:30 left');
    expect(toProgressText({ ...progress, done: 0 }, 0)).toBe('Copying grants: 1,000 of 4,000 rows');
  });
});
