import { chmodSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Kysely, type Migration } from 'kysely';
import type { GrantEvent } from '../../services/answers/event';
import { recordEvents } from '../../services/answers/record';
import { type Database, openDatabase } from '../../services/database/database';
import { migrate, migrations } from '../../services/database/migrate';
import { openPostgres } from '../../services/database/postgres';
import type { Schema } from '../../services/database/schema';
import { openSqlite } from '../../services/database/sqlite';
import { openConnection } from '../../services/database/sqlite-connection';
import { createGrants } from '../../services/grants/grants';
import { createRequests } from '../../services/permissions/requests/requests';
import { findRequestsByTrigger } from '../../services/permissions/requests/store';
import { systemClock } from '../../services/runtime/clock';
import { toSha256 } from '../../services/runtime/secrets/sha256';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';

const names = Object.keys(migrations);

/** What the app of that version leaves behind, as statements. */
const rows: readonly (readonly string[])[] = [
  [
    `insert into permission_requests
      (id, team_id, user_id, scopes, reason, trigger_source, state, created_at, expires_at) values ('R1', 'T1', 'U1', '["dnd:write:user","reminders:write:user"]',
      'So that it’s “quiet” — 50 %', 'slash_command', 'partly_granted', '2026-01-01T00:00:00.000Z', null)`,
    `insert into request_triggers values ('1.2.a', 'R1')`,
    `insert into grants (team_id, user_id, scope, granted_at, source) values
      ('T1', 'U1', 'dnd:write:user', '2026-01-02T00:00:00.000Z', 'slack_event'),
      ('T1', '', 'channels:read', '2026-01-03T00:00:00.000Z', 'slack_event')`,
    `insert into grant_log (at, team_id, user_id, event, scopes, source, request_id, trigger_source, event_id, reason) values
      ('2026-01-01T00:00:00.000Z', 'T1', 'U1', 'requested', '["dnd:write:user","reminders:write:user"]', 'app', 'R1', 'slash_command', null, 'So that it’s “quiet” — 50 %'),
      ('2026-01-02T00:00:00.000Z', 'T1', 'U1', 'granted', '["dnd:write:user"]', 'slack_event', 'R1', 'slash_command', 'Ev1', null),
      ('2026-01-03T00:00:00.000Z', 'T1', null, 'granted', '["channels:read"]', 'slack_event', null, null, 'Ev2', null)`,
    `insert into received_events (event_id, received_at) values ('Ev1', '2026-01-02T00:00:00.000Z')`,
    `insert into notices (team_id, user_id, event, scopes, attempts, due_at_ms) values
      ('T1', 'U1', 'granted', '["dnd:write:user"]', 1, 1767312000000)`,
  ],
  [
    `insert into log_scopes (scope, seq) values
      ('dnd:write:user', 1), ('reminders:write:user', 1), ('dnd:write:user', 2), ('channels:read', 3)`,
  ],
  [
    `insert into bot_installations (enterprise_id, team_id, scopes, installed_by, installed_at, mark, token) values
      ('', 'T1', '["commands"]', 'U1', '2026-01-01T00:00:00.000Z', 1767225600, 'sealed')`,
    `insert into user_tokens (enterprise_id, team_id, user_id, mark, token) values ('', 'T1', 'U1', 1767225600, 'sealed')`,
    `insert into oauth_states (state_hash, purpose, expires_at_ms) values ('hash', 'install', 1767312000000)`,
  ],
  [`insert into sinks (name, team_id, seq) values ('webhook', 'T1', 3)`],
  [`insert into turns (request_id, team_id, place_ms) values ('R1', 'T1', 1767225600000)`],
  [],
  [`update user_tokens set doubted_at_ms = 1767225600000`],
  [`insert into workspaces (team_id, enterprise_id) values ('T2', 'E1')`],
  [],
  [
    `insert into access_log (at, team_id, user_id, event) values ('2026-01-01T00:00:00.000Z', 'T1', 'U1', 'link_made')`,
  ],
  [`update turns set told_at_ms = null`],
];

async function fill(place: TestDatabase, version: number): Promise<void> {
  const isHashed = version > names.findIndex((name) => name.endsWith('hashed-triggers'));
  const trigger = isHashed ? toSha256('1.2.a') : '1.2.a';
  for (const statement of rows.slice(0, version).flat()) await place.run(statement.replace('1.2.a', trigger));
}

/** Brings the database to an earlier version, or to one that is still to come. */
async function migrateWith(place: TestDatabase, known: Readonly<Record<string, Migration>>): Promise<void> {
  const { config } = place;
  const engine =
    config.kind === 'sqlite' ? openSqlite({ path: config.path, clock: systemClock }) : openPostgres(config);
  const db = new Kysely<Schema>({ dialect: engine.kyselyDialect });
  try {
    await migrate(db, engine, known);
  } finally {
    await db.destroy();
  }
}

const firstOnes = (count: number) => Object.fromEntries(Object.entries(migrations).slice(0, count));

describe.each(databases)('migrations, on %s', (kind) => {
  let place: TestDatabase;
  const opened: Database[] = [];
  beforeEach(async () => {
    place = await createTestDatabase(kind, { tables: 'none' });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    await place.destroy();
  });

  async function open(): Promise<Database> {
    const database = await openDatabase({ config: place.config, clock: systemClock });
    opened.push(database);
    return database;
  }

  it('have a row of every version to be tried with', () => {
    expect(rows).toHaveLength(names.length);
  });

  async function listApplied(): Promise<string[]> {
    const rows = (await place.run('select name from kysely_migration order by name')) as { name: string }[];
    return rows.map((row) => row.name);
  }

  it.each(names.map((name, index) => [name, index + 1]))(
    'bring a database of %s to this version, and keep what it holds',
    async (_name, version) => {
      await migrateWith(place, firstOnes(version as number));
      expect(await listApplied()).toEqual(names.slice(0, version as number));
      await fill(place, version as number);

      const database = await open();

      expect(await listApplied()).toEqual(names);
      const grants = createGrants({ database });
      expect(await grants.listGrants({})).toEqual([
        {
          teamId: 'T1',
          userId: null,
          scope: 'channels:read',
          grantedAt: '2026-01-03T00:00:00.000Z',
          source: 'slack_event',
        },
        {
          teamId: 'T1',
          userId: 'U1',
          scope: 'dnd:write:user',
          grantedAt: '2026-01-02T00:00:00.000Z',
          source: 'slack_event',
        },
      ]);
      const log = await grants.listLog({ filter: {}, order: 'asc', limit: 10 });
      expect(log.items.map(({ seq, event, userId, scopes }) => ({ seq, event, userId, scopes }))).toEqual([
        { seq: 1, event: 'requested', userId: 'U1', scopes: ['dnd:write:user', 'reminders:write:user'] },
        { seq: 2, event: 'granted', userId: 'U1', scopes: ['dnd:write:user'] },
        { seq: 3, event: 'granted', userId: null, scopes: ['channels:read'] },
      ]);
      expect(log.items[0]).toMatchObject({ reason: 'So that it’s “quiet” — 50 %', requestId: 'R1' });
      const ofScope = await grants.listLog({ filter: { scope: 'dnd:write:user' }, order: 'desc', limit: 10 });
      expect(ofScope.items.map(({ seq }) => seq)).toEqual([2, 1]);
      const requests = createRequests({ database, clock: systemClock, requestTtlMs: 1 });
      expect(await requests.find('R1')).toMatchObject({
        scopes: ['dnd:write:user', 'reminders:write:user'],
        createdAt: '2026-01-01T00:00:00.000Z',
      });
      expect(await place.run('select user_id from notices')).toEqual([{ user_id: 'U1' }]);
      expect(await place.run('select event_id from received_events')).toEqual([{ event_id: 'Ev1' }]);
      const asked = await findRequestsByTrigger(database.query, ['1.2.a', '1.2.b']);
      expect([...asked].map(([triggerId, { request }]) => [triggerId, request.id])).toEqual([
        ['1.2.a', 'R1'],
      ]);
    },
  );

  it('keep the newer of two rows of a user and of a workspace, and where each workspace is', async () => {
    await migrateWith(place, firstOnes(names.findIndex((name) => name.endsWith('-workspaces'))));
    const request = `insert into permission_requests
      (id, team_id, user_id, scopes, trigger_source, state, created_at, enterprise_id) values`;
    for (const statement of [
      `insert into user_tokens (enterprise_id, team_id, user_id, mark, token) values
        ('', 'T1', 'U1', 100, 'old'), ('E1', 'T1', 'U1', 200, 'new'), ('', 'T1', 'U2', 100, 'alone'),
        ('E1', 'T2', 'U1', 100, 'other')`,
      `insert into bot_installations (enterprise_id, team_id, scopes, installed_by, installed_at, mark, token) values
        ('E1', 'T2', '[]', 'U1', 'x', 100, 'old'), ('', 'T2', '[]', 'U1', 'x', 200, 'left'),
        ('E1', '', '[]', 'U1', 'x', 100, 'organisation'), ('E2', '', '[]', 'U1', 'x', 100, 'another')`,
      `${request} ('R1', 'T3', 'U1', '[]', 'shortcut', 'granted', '2026-01-01', 'E1'),
        ('R2', 'T3', 'U1', '[]', 'shortcut', 'granted', '2026-02-01', 'E2')`,
    ])
      await place.run(statement);
    await open();
    expect(await place.run('select token from user_tokens order by token')).toEqual([
      { token: 'alone' },
      { token: 'new' },
      { token: 'other' },
    ]);
    expect(await place.run('select token from bot_installations order by token')).toEqual([
      { token: 'another' },
      { token: 'left' },
      { token: 'organisation' },
    ]);
    expect(await place.run('select team_id, enterprise_id from workspaces order by team_id')).toEqual([
      { team_id: 'T1', enterprise_id: 'E1' },
      { team_id: 'T2', enterprise_id: '' },
      { team_id: 'T3', enterprise_id: 'E2' },
    ]);
  });

  it('hash what holds a trigger, so that an event which was recorded before is known again', async () => {
    await migrateWith(place, firstOnes(5));
    await fill(place, 5);
    const event: GrantEvent = {
      type: 'denied',
      source: 'slack_event',
      eventId: 'Ev3',
      teamId: 'T1',
      enterpriseId: undefined,
      userId: 'U1',
      time: 1_767_312_000,
      scopes: ['dnd:write:user', 'admin'],
      triggerId: '1.2.a',
    };
    await place.run(`insert into received_events (event_id, received_at, meaning) values
      ('Ev3', '2026-01-02T00:00:00.000Z', 'denied T1 U1 admin,dnd:write:user 1.2.a')`);
    const database = await open();
    const again = { ...event, eventId: 'Ev4' };
    const { duplicates } = await database.transactTeams(['T1'], (tx) =>
      recordEvents(tx, [again], Date.now()),
    );
    expect(duplicates).toBe(1);
    const stored = await place.run('select meaning, request_id from received_events, request_triggers');
    expect(stored).toHaveLength(2);
    expect(JSON.stringify(stored)).not.toContain('1.2.a');
  });

  it('number the log on from where it was', async () => {
    await migrateWith(place, firstOnes(1));
    await fill(place, 1);
    const database = await open();
    const added = await database.query
      .insertInto('grant_log')
      .values({ at: 'x', team_id: 'T1', event: 'granted', scopes: '[]', source: 'app' })
      .returning('seq')
      .executeTakeFirst();
    expect(added).toEqual({ seq: 4 });
  });

  it('are run once where several processes start at once', async () => {
    await migrateWith(place, firstOnes(1));
    await fill(place, 1);
    const all = await Promise.all([open(), open(), open()]);
    await Promise.all(all.map((database) => database.assertWritable()));
    expect(await listApplied()).toEqual(names);
    expect(await place.run('select count(*) as count from grant_log')).toMatchObject([
      { count: expect.anything() },
    ]);
  });

  it('are run once where several processes start at once on nothing', async () => {
    const all = await Promise.all([open(), open(), open()]);
    await Promise.all(all.map((database) => database.assertWritable()));
    expect(await listApplied()).toEqual(names);
  });

  it('leave everything as it was where one of them fails, and say why', async () => {
    await migrateWith(place, firstOnes(1));
    const failing: Migration = {
      async up(db) {
        await db.schema.createTable('half').addColumn('id', 'text').execute();
        await db.schema.createTable('half').addColumn('id', 'text').execute();
      },
    };
    await expect(migrateWith(place, { ...firstOnes(1), '0002-fails': failing })).rejects.toMatchObject({
      message: expect.stringMatching(/half.* already exists/),
    });
    expect(await listApplied()).toEqual(names.slice(0, 1));
    await expect(place.run('select * from half')).rejects.toMatchObject({
      message: expect.stringMatching('half'),
    });
    await (await open()).assertWritable();
  });

  it('refuse a database that a newer version has changed, and leave it as it is', async () => {
    const future: Migration = {
      up: (db) => db.schema.createTable('future').addColumn('id', 'text').execute(),
    };
    await migrateWith(place, { ...migrations, '9999-from-the-future': future });
    const before = await listApplied();
    await expect(open()).rejects.toMatchObject({
      code: 'database_too_new',
      message: expect.stringMatching(
        `migrated by a newer Scopekeeper; the newest migration that this version knows is ${names.at(-1)}. Start the newer version, or restore a backup`,
      ),
    });
    expect(await listApplied()).toEqual(before);
  });

  it('are refused also where a newer version left out some of them', async () => {
    const future: Migration = { up: async () => {} };
    await migrateWith(place, { ...firstOnes(1), '9999-from-the-future': future });
    await expect(open()).rejects.toMatchObject({ code: 'database_too_new' });
    expect(await listApplied()).toEqual([names[0], '9999-from-the-future']);
  });
});

describe('the backup of an SQLite file', () => {
  let place: TestDatabase;
  let path: string;
  beforeEach(async () => {
    place = await createTestDatabase('sqlite');
    path = place.config.kind === 'sqlite' ? place.config.path : '';
    await migrateWith(place, firstOnes(1));
  });
  afterEach(() => place.destroy());

  const openAndClose = async () => (await openDatabase({ config: place.config, clock: systemClock })).close();
  const backups = () =>
    readdirSync(dirname(path))
      .filter((name) => name.endsWith('.bak'))
      .sort();
  const backup = (end = '.bak') => `${path}.before-${names[1]}${end}`;

  /** The process ends in the middle of a migration: the lock goes with it, and nothing is tidied up. */
  async function leaveAsKilled(): Promise<void> {
    const engine = openSqlite({ path, clock: systemClock });
    const db = new Kysely<Schema>({ dialect: engine.kyselyDialect });
    await new Promise<void>((resolve, reject) => {
      const up = () => {
        resolve();
        return new Promise<void>(() => {});
      };
      migrate(db, engine, { ...firstOnes(1), [names[1] ?? '']: { up } }).catch(reject);
    });
    await db.destroy();
  }

  it('is made before a migration changes it, with what still stands in the WAL', async () => {
    const other = openConnection(path);
    other.exec('pragma wal_autocheckpoint = 0');
    for (const statement of rows[0] ?? []) other.exec(statement);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    await openAndClose();
    other.close();

    expect(backups()).toEqual([basename(backup())]);
    const copy = openConnection(backup(), { readOnly: true });
    expect(copy.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(copy.prepare('select name from kysely_migration').all()).toEqual([{ name: names[0] }]);
    expect(copy.prepare('select seq from grant_log order by seq').all()).toEqual(
      [1, 2, 3].map((seq) => ({ seq })),
    );
    copy.close();
  });

  it('can take the place of the file', async () => {
    await fill(place, 1);
    await openAndClose();
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    renameSync(backup(), path);
    const database = await openDatabase({ config: place.config, clock: systemClock });
    expect(await createGrants({ database }).listGrants({ userId: 'U1' })).toHaveLength(1);
    await database.close();
  });

  it('takes the place of no other', async () => {
    writeFileSync(backup(), 'somebody’s');
    await openAndClose();
    expect(readFileSync(backup(), 'utf8')).toBe('somebody’s');
    expect(backups()).toEqual([basename(backup('.2.bak')), basename(backup())]);
  });

  it('can be read by nobody but the user that runs the app', async () => {
    chmodSync(path, 0o644);
    await openAndClose();
    expect(statSync(backup()).mode & 0o777).toBe(0o600);
  });

  it('is not made where nothing is there yet, nor where nothing is to be changed', async () => {
    await openAndClose();
    await openAndClose();
    expect(backups()).toHaveLength(1);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    await openAndClose();
    expect(backups()).toHaveLength(1);
  });

  it('is made once where several processes start at once', async () => {
    await Promise.all([openAndClose(), openAndClose(), openAndClose()]);
    expect(backups()).toHaveLength(1);
  });

  it('is one, however often the process is killed before the migration is committed', async () => {
    const killed = `${path}.before-${names[1]}.unfinished.bak`;
    for (const _time of [1, 2]) {
      await leaveAsKilled();
      expect(backups()).toEqual([basename(killed)]);
    }
    await openAndClose();
    expect(backups()).toEqual([basename(backup())]);
  });

  it('is not kept where the migration failed, and changed nothing', async () => {
    const failing: Migration = { up: () => Promise.reject(new Error('half way')) };
    await expect(migrateWith(place, { ...firstOnes(1), '0002-fails': failing })).rejects.toThrow('half way');
    expect(backups()).toEqual([]);
  });
});
