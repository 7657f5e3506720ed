import { createHash } from 'node:crypto';
import type { Queryable } from '../schema';
import { type Key, type Row, readRows, withoutNul } from './store';
import type { CopiedTable } from './tables';

const PAGE_SIZE = 1_000;

/** Called after every page with the number of entries read; throws where the work is to stop. */
type OnPage = (entries: number) => Promise<void>;

/** SHA-256 over the log: a line of JSON an entry, the values in the order of the columns, in the order of `seq`. */
export async function hashLog(db: Queryable, table: CopiedTable, onPage: OnPage): Promise<string> {
  const log = createLogReader(db, table);
  for (let lines = await log.next(); lines.length > 0; lines = await log.next()) await onPage(lines.length);
  return log.digest();
}

/** Reads both logs side by side: memory does not grow with them. */
export async function compareLogs(source: Queryable, target: Queryable, table: CopiedTable, onPage: OnPage) {
  const logs = [createLogReader(source, table), createLogReader(target, table)] as const;
  let differsAt: number | undefined;
  for (;;) {
    const [ours, theirs] = await Promise.all([logs[0].next(), logs[1].next()]);
    if (ours.length === 0 && theirs.length === 0) break;
    differsAt ??= findDifference(ours, theirs);
    await onPage(ours.length);
  }
  return {
    sourceSha256: logs[0].digest(),
    targetSha256: logs[1].digest(),
    /** The `seq` of the first entry that differs; undefined where all are the same. */
    differsAt,
  };
}

interface Line {
  seq: number;
  text: string;
}

function createLogReader(db: Queryable, table: CopiedTable) {
  const columns = Object.keys(table.columns);
  const hash = createHash('sha256');
  let after: Key | null = null;
  return {
    async next(): Promise<Line[]> {
      const rows: Row[] = await readRows(db, table, { after, limit: PAGE_SIZE });
      const lines = rows.map((row) => ({ seq: Number(row.seq), text: toLine(columns, row) }));
      hash.update(lines.map(({ text }) => text).join(''));
      const last = lines.at(-1);
      if (last !== undefined) after = [last.seq];
      return lines;
    },
    digest: () => hash.digest('hex'),
  };
}

function findDifference(ours: readonly Line[], theirs: readonly Line[]): number | undefined {
  const [longer, other] = ours.length > theirs.length ? [ours, theirs] : [theirs, ours];
  const index = longer.findIndex(({ text }, at) => text !== other[at]?.text);
  return index < 0 ? undefined : Math.min(longer[index]?.seq ?? Infinity, other[index]?.seq ?? Infinity);
}

function toLine(columns: readonly string[], row: Row): string {
  return `${JSON.stringify(columns.map((name) => withoutNul(row[name] ?? null)))}\n`;
}
