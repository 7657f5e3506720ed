import { type Stats, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Clock, isFresh } from '../runtime/clock';
import { DatabaseError } from '../runtime/errors';
import { openConnection, prepareValue, type SqliteConnection } from './sqlite-connection';

/** How long after a commit another process may still be moving it from the WAL into the file. */
const OTHERS_CHECKPOINT_MS = 10_000;

/** Checks that the open file is still the one at its path: anything written to another is lost. */
export interface FileGuard {
  /** Throws a `DatabaseError` where the file or its WAL was deleted, replaced, overwritten or truncated. */
  assertUnchanged(): void;
  /** The same after a use of this connection, whose own checkpoints change the file. */
  assertUnchangedAfterUse(): void;
  /** Throws where one of the two files is not the one that was opened. Does not read them. */
  statUnreplaced(): void;
}

interface FileStats {
  file: Stats;
  wal: Stats;
}

export function createFileGuard({
  path,
  connection,
  clock,
}: {
  path: string;
  connection: SqliteConnection;
  clock: Clock;
}): FileGuard {
  /** Changes with each commit of another connection. */
  const readVersion = prepareValue(connection, 'pragma data_version');
  let version = readVersion();
  let othersCommittedAt = Number.NEGATIVE_INFINITY;
  let lastSeen: FileStats = { file: statExisting(path), wal: statExisting(`${path}-wal`) };

  function statUnreplaced(): FileStats {
    const now = { file: statExisting(path), wal: statExisting(`${path}-wal`) };
    if (isReplaced(now.file, lastSeen.file)) throw toFileLostError(path, 'replaced');
    if (isReplaced(now.wal, lastSeen.wal)) throw toFileLostError(`${path}-wal`, 'replaced');
    return now;
  }

  /** Whether another process may be moving what it committed from the WAL into the file. */
  function mayBeOthersCheckpoint(): boolean {
    const now = readVersion();
    if (now !== version) othersCommittedAt = clock.now();
    version = now;
    return isFresh(othersCommittedAt, clock.now(), OTHERS_CHECKPOINT_MS);
  }

  return {
    statUnreplaced: () => void statUnreplaced(),
    assertUnchanged() {
      const now = statUnreplaced();
      const isOthersCheckpoint = mayBeOthersCheckpoint();
      const isChanged = now.file.mtimeMs !== lastSeen.file.mtimeMs || now.file.size !== lastSeen.file.size;
      // A checkpoint alone, such as one by hand, changes the file but not what this connection sees.
      if (isChanged && !isOthersCheckpoint && readFingerprintOfFile(path) !== toFingerprint(connection)) {
        throw toFileLostError(path, now.file.size < lastSeen.file.size ? 'cut short' : 'overwritten');
      }
      lastSeen = now;
    },
    assertUnchangedAfterUse() {
      const now = statUnreplaced();
      if (now.file.size < lastSeen.file.size && !mayBeOthersCheckpoint())
        throw toFileLostError(path, 'cut short');
      lastSeen = now;
    },
  };
}

function statExisting(name: string): Stats {
  const found = statSync(name, { throwIfNoEntry: false });
  if (found === undefined) throw toFileLostError(name, 'deleted');
  return found;
}

function isReplaced(now: Stats, known: Stats): boolean {
  return now.ino !== known.ino || now.dev !== known.dev;
}

/** Reads the file without its WAL, through SQLite: closing a descriptor of our own would drop SQLite's locks. */
function readFingerprintOfFile(path: string): string | undefined {
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

const FINGERPRINT_QUERIES = [
  'select json_array(page_count, freelist_count, schema_version) from pragma_page_count, pragma_freelist_count, pragma_schema_version',
  'select max(seq) from grant_log',
] as const;

function toFingerprint(connection: SqliteConnection): string {
  return FINGERPRINT_QUERIES.map((text) => {
    try {
      return prepareValue(connection, text)();
    } catch {
      return 'unreadable';
    }
  }).join();
}

function toFileLostError(
  name: string,
  fate: 'deleted' | 'replaced' | 'overwritten' | 'cut short',
): DatabaseError {
  return new DatabaseError(
    'database_unusable',
    `${name} was ${fate} while Scopekeeper had it open: nothing can be recorded. Stop Scopekeeper, put the database back or restore a backup (docs/operating.md, “Restore”), and start it again.`,
  );
}
