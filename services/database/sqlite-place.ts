import { type Stats, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Clock, isFresh } from '../runtime/clock';
import { DatabaseError } from '../runtime/errors';
import { openConnection, prepareValue, type SqliteConnection } from './sqlite-connection';

/** How long after its commit another process may still be moving it from the WAL into the file. */
const CHECKPOINT_OF_ANOTHER_MS = 10_000;

/** Watches that what is open is what stands at its path: what is written elsewhere is lost. */
export interface PlaceWatch {
  /** Throws a `DatabaseError` where the file or its WAL was deleted, replaced, overwritten or cut short. */
  check(): void;
  /** The same after this connection was used, whose own checkpoints change the file. */
  checkAfterUse(): void;
  /** Throws where one of the two files is not the one that was opened. Reads nothing of them. */
  look(): void;
}

interface Seen {
  file: Stats;
  wal: Stats;
}

export function watchPlace({
  path,
  connection,
  clock,
}: {
  path: string;
  connection: SqliteConnection;
  clock: Clock;
}): PlaceWatch {
  /** Grows with each commit of another connection. */
  const readVersion = prepareValue(connection, 'pragma data_version');
  let version = readVersion();
  let othersCommittedAt = Number.NEGATIVE_INFINITY;
  let known: Seen = { file: find(path), wal: find(`${path}-wal`) };

  /** Throws where one of the two is not the one that is open. */
  function look(): Seen {
    const now = { file: find(path), wal: find(`${path}-wal`) };
    if (isOther(now.file, known.file)) throw toLost(path, 'replaced');
    if (isOther(now.wal, known.wal)) throw toLost(`${path}-wal`, 'replaced');
    return now;
  }

  /** Whether another process may be moving what it committed from the WAL into the file. */
  function isOthersWork(): boolean {
    const now = readVersion();
    if (now !== version) othersCommittedAt = clock.now();
    version = now;
    return isFresh(othersCommittedAt, clock.now(), CHECKPOINT_OF_ANOTHER_MS);
  }

  return {
    look: () => void look(),
    check() {
      const now = look();
      const isOthers = isOthersWork();
      const isChanged = now.file.mtimeMs !== known.file.mtimeMs || now.file.size !== known.file.size;
      // A checkpoint without a commit, as by hand, leaves in the file what is seen here.
      if (isChanged && !isOthers && readFile(path) !== toFingerprint(connection)) {
        throw toLost(path, now.file.size < known.file.size ? 'cut short' : 'overwritten');
      }
      known = now;
    },
    checkAfterUse() {
      const now = look();
      if (now.file.size < known.file.size && !isOthersWork()) throw toLost(path, 'cut short');
      known = now;
    },
  };
}

function find(name: string): Stats {
  const found = statSync(name, { throwIfNoEntry: false });
  if (found === undefined) throw toLost(name, 'deleted');
  return found;
}

function isOther(now: Stats, known: Stats): boolean {
  return now.ino !== known.ino || now.dev !== known.dev;
}

/** What stands in the file itself, past its WAL. Not by opening it ourselves: to close it would drop SQLite's locks. */
function readFile(path: string): string | undefined {
  try {
    const connection = openConnection(`${pathToFileURL(path).href}?immutable=1`, { readOnly: true });
    try {
      return toFingerprint(connection);
    } finally {
      connection.close();
    }
  } catch {
    return undefined;
  }
}

const FINGERPRINT = [
  'select json_array(page_count, freelist_count, schema_version) from pragma_page_count, pragma_freelist_count, pragma_schema_version',
  'select max(seq) from grant_log',
] as const;

function toFingerprint(connection: SqliteConnection): string {
  return FINGERPRINT.map((text) => {
    try {
      return prepareValue(connection, text)();
    } catch {
      return 'unreadable';
    }
  }).join();
}

function toLost(name: string, fate: 'deleted' | 'replaced' | 'overwritten' | 'cut short'): DatabaseError {
  return new DatabaseError(
    'database_unusable',
    `${name} was ${fate} while Scopekeeper had it open: nothing can be recorded. Stop Scopekeeper, put the database back or restore a backup (docs/operating.md, “Restore”), and start it again.`,
  );
}
