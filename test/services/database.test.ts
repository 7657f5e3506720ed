import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDriver from 'better-sqlite3';
import { sql } from 'kysely';
import { systemClock } from '../../services/clock';
import { openDatabase } from '../../services/database/database';
import { DatabaseError } from '../../services/errors';

describe('the database', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scopekeeper-database-'));
    path = join(folder, 'deep', 'down', 'scopekeeper.db');
  });

  const open = (mustExist = false) => openDatabase({ config: { path }, clock: systemClock, mustExist });

  async function faultOf(opening: Promise<unknown>): Promise<DatabaseError> {
    const fault = await opening.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(DatabaseError);
    return fault as DatabaseError;
  }

  it('is made with its folder, and opened again as it was', async () => {
    const first = await open();
    await first.query.insertInto('received_events').values({ event_id: 'E', received_at: 'now' }).execute();
    await first.close();
    const second = await open();
    expect(await second.query.selectFrom('received_events').select('event_id').execute()).toEqual([
      { event_id: 'E' },
    ]);
    await second.close();
  });

  it('survives a power cut after each commit: WAL, and a sync a commit', async () => {
    const database = await open();
    const read = async (name: string) =>
      (await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(database.query)).rows[0];
    expect(await read('journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(await read('synchronous')).toEqual({ synchronous: 2 });
    await database.close();
  });

  it('is not made where it must exist', async () => {
    expect((await faultOf(open(true))).message).toContain('Start the app once, or set DATABASE_URL');
    expect(existsSync(path)).toBe(false);
  });

  it('is refused, and left as it is, when a newer version has changed it', async () => {
    await (await open()).close();
    const connection = new SqliteDriver(path);
    connection
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('9999-from-the-future', 'x');
    connection.close();
    const fault = await faultOf(open());
    expect(fault.code).toBe('database_too_new');
    expect(fault.message).toContain('Start the newer version');
  });

  it('is refused where the file is none of ours', async () => {
    mkdirSync(join(folder, 'deep', 'down'), { recursive: true });
    writeFileSync(path, 'This is a letter to my aunt, and long enough to be looked at.'.repeat(20));
    expect((await faultOf(open())).message).toContain('cannot be used (file is not a database)');
  });

  it('is refused where its folder cannot be made', async () => {
    writeFileSync(join(folder, 'deep'), 'a file in the way');
    chmodSync(join(folder, 'deep'), 0o444);
    expect((await faultOf(open())).message).toContain(
      'Set DATABASE_URL to a file in a folder that this user may write to',
    );
  });

  it('is opened by two at once, and migrated by one', async () => {
    const both = await Promise.all([open(), open()]);
    await Promise.all(both.map((database) => database.check()));
    await Promise.all(both.map((database) => database.close()));
  });

  it('undoes a transaction that fails', async () => {
    const database = await open();
    const failing = database.transact(async (tx) => {
      await tx.insertInto('received_events').values({ event_id: 'E', received_at: 'now' }).execute();
      throw new Error('half way');
    });
    await expect(failing).rejects.toThrow('half way');
    expect(await database.query.selectFrom('received_events').selectAll().execute()).toEqual([]);
    await database.close();
  });

  it('waits for another process that is writing, without blocking this one', async () => {
    const database = await open();
    const other = new SqliteDriver(path);
    other.exec('begin immediate');
    let written = false;
    const writing = database
      .transact((tx) =>
        tx.insertInto('received_events').values({ event_id: 'E', received_at: 'now' }).execute(),
      )
      .then(() => {
        written = true;
      });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    other.exec('commit');
    await writing;
    expect(written).toBe(true);
    other.close();
    await database.close();
  });

  it('is unhealthy where its file was taken away', async () => {
    const database = await open();
    await database.check();
    renameSync(path, `${path}.moved`);
    await expect(database.check()).rejects.toThrow();
    await database.close();
  });
});
