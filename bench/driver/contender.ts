import { join } from 'node:path';
import type { SqliteDatabase } from 'kysely';
import { openConnection, toKyselyDatabase } from '../../services/database/sqlite-connection';
import { report } from '../program';

/** What Kysely calls, on the product's connection or, where a folder with better-sqlite3 is given, on that. */
function open(path: string, folder: string | undefined): SqliteDatabase {
  if (folder === undefined) return toKyselyDatabase(openConnection(path));
  const BetterSqlite: new (path: string) => SqliteDatabase = require(
    join(folder, 'node_modules', 'better-sqlite3'),
  );
  return new BetterSqlite(path);
}

function main(
  path: string,
  counts: { commits: number; reads: number; pages: number },
  folder?: string,
): void {
  const db = open(path, folder);
  const run = (text: string) => {
    const statement = db.prepare(text);
    return statement.reader ? statement.all([]) : statement.run([]);
  };
  for (const setting of ['journal_mode = WAL', 'synchronous = FULL', 'cache_size = -4000'])
    run(`pragma ${setting}`);
  run(
    'create table entries (seq integer primary key, team_id text not null, user_id text not null, scopes text)',
  );

  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const insert = db.prepare('insert into entries (team_id, user_id, scopes) values (?, ?, ?)');
  const commits_ms = time(() => {
    for (let number = 0; number < counts.commits; number += 1) {
      begin.run([]);
      insert.run(['T0MAIN', `U${number}`, '["dnd:write:user","reminders:write:user"]']);
      commit.run([]);
    }
  });
  const find = db.prepare('select seq, team_id, user_id, scopes from entries where seq = ?');
  const reads_ms = time(() => {
    for (let number = 0; number < counts.reads; number += 1) find.all([1 + (number % counts.commits)]);
  });
  const page = db.prepare(
    'select seq, team_id, user_id, scopes from entries where seq > ? order by seq limit 200',
  );
  const pages_ms = time(() => {
    for (let number = 0; number < counts.pages; number += 1) page.all([number % (counts.commits - 200)]);
  });
  report({ commits_ms, reads_ms, pages_ms, peak_mb: process.resourceUsage().maxRSS / 1024 });
  db.close();
  process.disconnect();
}

function time(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

main(process.argv[2] ?? '', JSON.parse(process.argv[3] ?? ''), process.argv[4]);
