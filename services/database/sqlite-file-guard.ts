import { type Stats, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Clock, isFresh } from '../runtime/clock';
import { DatabaseError } from '../runtime/errors';
import { openConnection, prepareValue, type SqliteConnection } from './sqlite-connection';

/** How long after its commit another process may still be moving it from the WAL into the file. */
const OTHERS_CHECKPOINT_MS = 10_000;

/** Watches that what is open is what stands at its path: what is written elsewhere is lost. */
export interface FileGuard {
  /** Throws a `DatabaseError` where the file or its WAL was deleted, replaced, overwritten or cut short. */
  assertUnchanged(): void;
  /** The same after this connection was used, whose own checkpoints change the file. */
  assertUnchangedAfterUse(): void;
  /** Throws where one of the two files is not the one that was opened. Reads nothing of them. */
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
  /** Grows with each commit of another connection. */
  const readVersion = prepareValue(connection, 'pragma data_version');
  let version = readVersion();
  let othersCommittedAt = Number.NEGATIVE_INFINITY;
  let lastSeen: FileStats = { file: statExisting(path), wal: statExisting(`${path}-wal`) };

  /** Throws where one of the two is not the one that is open. */
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
      // A checkpoint without a commit, as by hand, leaves in the file what is seen here.
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

/** What stands in the file itself, past its WAL. Not by opening it ourselves: to close it would drop SQLite's locks. */
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
