import { SqliteAdapter, sql } from 'kysely';
import { z } from 'zod';
import { COPY_PROGRESS_TABLE, type Database } from '../database';
import type { DatabaseKind } from '../dialect';
import { jsonRows } from '../json-rows';
import type { Queryable } from '../schema';
import type { CopiedTable } from './tables';

export type Row = Readonly<Record<string, string | number | null>>;

/** Values of a primary key, in the order of its columns. */
export type Key = readonly (string | number)[];

/** The next rows of a table, after the key given, in the order of the key: a page costs the same at any depth. */
export async function readRows(
  db: Queryable,
  { name, columns, key }: CopiedTable,
  { after, limit }: { after: Key | null; limit: number },
): Promise<Row[]> {
  const keyColumns = toNames(key);
  const where = after === null ? sql`` : sql`where (${keyColumns}) > (${sql.join(after)})`;
  const names = Object.keys(columns);
  const rest = sql`from ${sql.table(name)} ${where} order by ${keyColumns} limit ${limit}`;
  if (db.getExecutor().adapter instanceof SqliteAdapter) {
    // As JSON: on Node 20 and 22 SQLite's driver ends a text at a U+0000.
    const { rows } = await sql<{ row: string }>`select json_array(${toNames(names)}) as row ${rest}`.execute(
      db,
    );
    return rows.map(({ row }) => toRow(names, JSON.parse(row)));
  }
  const { rows } = await sql<Row>`select ${toNames(names)} ${rest}`.execute(db);
  return rows;
}

function toRow(names: readonly string[], values: readonly (string | number | null)[]): Row {
  return Object.fromEntries(names.map((column, index) => [column, values[index] ?? null]));
}

export async function insertRows(
  db: Queryable,
  { name, columns }: CopiedTable,
  { rows, into }: { rows: readonly Row[]; into: DatabaseKind },
): Promise<void> {
  const names = toNames(Object.keys(columns));
  const given = into === 'postgres' ? rows.map(toStorable) : rows;
  await sql`
    insert into ${sql.table(name)} (${names}) select ${names} from ${jsonRows(db, columns, given)} as r`.execute(
    db,
  );
}

function toStorable(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, withoutNul(value)]));
}

/** PostgreSQL has no U+0000 in its text: it becomes the replacement character. */
export function withoutNul(value: string | number | null): string | number | null {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
}

export async function countAllRows(db: Queryable, tables: readonly CopiedTable[]): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db);
    counts[name] = rows[0]?.rows ?? 0;
  }
  return counts;
}

/** Lets the target number new rows after the highest that was copied; SQLite does so by itself. */
export async function alignNumbers(
  { kind, query }: Pick<Database, 'kind' | 'query'>,
  tables: readonly CopiedTable[],
): Promise<void> {
  if (kind === 'sqlite') return;
  for (const { name, columns, key } of tables) {
    const [number, second] = key;
    if (number === undefined || second !== undefined || columns[number] !== 'bigint') continue;
    const highest = sql`max(${sql.ref(number)})`;
    // Where the database does not number the rows there is no sequence, and `setval` of null does nothing.
    await sql`
      select setval(pg_get_serial_sequence(${name}, ${number}), coalesce(${highest}, 1), ${highest} is not null)
      from ${sql.table(name)}`.execute(query);
  }
}

/** How many rows each table holds, by its name. */
export type Counts = Readonly<Record<string, number>>;

const positionSchema = z.object({
  table: z.string().nullable(),
  after: z
    .array(z.union([z.string(), z.number()]))
    .readonly()
    .nullable(),
});
const measureSchema = z.object({ rows: z.record(z.string(), z.number()), logSha256: z.string() });

/** Where to resume: after this row of this table. No table: all is copied. */
export type CopyPosition = z.infer<typeof positionSchema>;

/** What a database holds, in figures. */
export type CopyMeasure = z.infer<typeof measureSchema>;

/** How far an unfinished copy is. Stored in the target until the copy is verified. */
export interface StoredProgress {
  /** The source's name: the copy resumes from no other. */
  source: string;
  /** What the source held when the copy began; null until it is known. */
  began: CopyMeasure | null;
  place: CopyPosition;
}

const PROGRESS = sql.table(COPY_PROGRESS_TABLE);

/** Whether a copy into this database was left unfinished. */
export async function hasProgress(db: Queryable): Promise<boolean> {
  const known = await db.introspection.getTables();
  return known.some(({ name }) => name === COPY_PROGRESS_TABLE);
}

/** Finds the copy that was left, if any; creates the table for the progress. */
export async function findProgress(db: Queryable): Promise<StoredProgress | undefined> {
  await sql`create table if not exists ${PROGRESS} (source text not null, began text, place text not null)`.execute(
    db,
  );
  const { rows } = await sql<{ source: string; began: string | null; place: string }>`
    select source, began, place from ${PROGRESS}`.execute(db);
  const [row] = rows;
  return (
    row && {
      source: row.source,
      began: row.began === null ? null : measureSchema.parse(JSON.parse(row.began)),
      place: positionSchema.parse(JSON.parse(row.place)),
    }
  );
}

export async function insertProgress(db: Queryable, { source, began, place }: StoredProgress): Promise<void> {
  await sql`
    insert into ${PROGRESS} (source, began, place)
    values (${source}, ${began && JSON.stringify(began)}, ${JSON.stringify(place)})`.execute(db);
}

/** False where another process has written it. */
export async function saveMeasure(db: Queryable, began: CopyMeasure): Promise<boolean> {
  const saved = await sql`
    update ${PROGRESS} set began = ${JSON.stringify(began)} where began is null`.execute(db);
  return saved.numAffectedRows === 1n;
}

/** False where another process has moved it. */
export async function movePosition(db: Queryable, from: CopyPosition, to: CopyPosition): Promise<boolean> {
  const moved = await sql`
    update ${PROGRESS} set place = ${JSON.stringify(to)} where place = ${JSON.stringify(from)}`.execute(db);
  return moved.numAffectedRows === 1n;
}

export async function dropProgress(db: Queryable): Promise<void> {
  await sql`drop table ${PROGRESS}`.execute(db);
}

function toNames(names: readonly string[]) {
  return sql.join(names.map((name) => sql.ref(name)));
}
