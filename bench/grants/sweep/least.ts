import { Agent, request } from 'undici';
import { openConnection } from '../../../services/database/sqlite-connection';
import { report } from '../../program';
import { startMeasuring } from './used';
import { PAGE_SIZE, TEAM } from './users';

/**
 * The least program that does the work of a sweep: gets and parses the same pages, and writes the same rows in the same
 * transactions. It compares nothing, checks nothing and survives nothing: it is told which sweep of the list this is,
 * so on the first it knows that every grant is new, and on a later one that none is.
 */
async function main(path: string, slackApiUrl: string, sweepId: number): Promise<void> {
  const db = openConnection(path);
  db.exec('pragma journal_mode = WAL');
  db.exec('pragma synchronous = FULL');
  db.exec('pragma foreign_keys = ON');
  const saveGrant = db.prepare(
    `insert into grants (team_id, user_id, scope, granted_at, source, held, mark, sweep_id) values (?, ?, ?, ?, 'users_list', 1, ?, ?)
     on conflict do update set mark = excluded.mark, sweep_id = excluded.sweep_id`,
  );
  const insertEntry = db.prepare(
    `insert into grant_log (at, team_id, user_id, event, scopes, source) values (?, ?, ?, 'granted', ?, 'users_list')`,
  );
  const insertScope = db.prepare('insert into log_scopes (scope, seq) values (?, ?)');
  const saveSweep = db.prepare(
    `insert into sweeps (team_id, sweep_id, state, cursor, slack_started_at, started_at, pages, users, changes, lease_until_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
     on conflict do update set sweep_id = excluded.sweep_id, state = excluded.state, cursor = excluded.cursor, pages = excluded.pages, users = excluded.users, changes = excluded.changes`,
  );
  const findUnseen = db.prepare(
    `select distinct user_id from grants where team_id = ? and held = 1 and sweep_id != ? limit 200`,
  );

  const agent = new Agent();
  const startedAt = new Date().toISOString();
  let [pages, users, changes] = [0, 0, 0];
  function writePage(page: Page, mark: number): void {
    db.exec('begin');
    const at = new Date().toISOString();
    for (const { id, scopes } of page.resources) {
      for (const scope of scopes) saveGrant.run(TEAM, id, scope, at, mark, sweepId);
      if (sweepId > 1) continue;
      const { lastInsertRowid } = insertEntry.run(at, TEAM, id, JSON.stringify(scopes));
      for (const scope of scopes) insertScope.run(scope, lastInsertRowid);
      changes += scopes.length;
    }
    pages += 1;
    users += page.resources.length;
    const cursor = page.response_metadata.next_cursor;
    const state = cursor === '' ? 'ending' : 'walking';
    saveSweep.run(TEAM, sweepId, state, cursor, mark, startedAt, pages, users, changes);
    db.exec('commit');
  }

  const measured = startMeasuring();
  let cursor: string | undefined;
  do {
    const response = await request(`${slackApiUrl}apps.permissions.users.list`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=xoxb-bench&limit=${PAGE_SIZE}${cursor === undefined ? '' : `&cursor=${cursor}`}`,
    });
    const page = await response.body.json();
    if (!isPage(page)) throw new Error('this is no page');
    writePage(page, Math.floor(Date.parse(String(response.headers.date)) / 1_000) - 2);
    cursor = page.response_metadata.next_cursor || undefined;
  } while (cursor !== undefined);
  if (findUnseen.all(TEAM, sweepId).length > 0) throw new Error('every user is on the list');
  saveSweep.run(TEAM, sweepId, 'done', null, 0, startedAt, pages, users, changes);
  const used = measured();

  report({ ...used, users, changes });
  db.close();
  await agent.close();
  process.disconnect();
}

interface Page {
  resources: { id: string; scopes: string[] }[];
  response_metadata: { next_cursor: string };
}

/** Takes the server at its word. */
function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'resources' in value;
}

void main(process.argv[2] ?? '', process.argv[3] ?? '', Number(process.argv[4]));
