import { type Expression, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database } from './database';
import type { Queryable, Schema } from './schema';

/** How long one instance has a sweep without renewing that. */
export const SWEEP_LEASE_MS = 15_000;

type Table = keyof Schema;
type Column<T extends Table> = keyof Schema[T] & string;
type Values<T extends Table> = Partial<Record<Column<T>, unknown>>;

/** Rows that one instance at a time works on. Another may take them when the times in `until` (ms) are over. */
export interface Leased<T extends Table> {
  table: T;
  /** The columns that hold the end of a lease or of a wait. */
  until: readonly Column<T>[];
  where: Expression<unknown>;
}

interface Lease<T extends Table> {
  now: number;
  leaseMs: number;
  /** The longest wait in these columns: an end further ahead was written before the clock was set back. */
  longestMs?: number | Expression<number>;
  /** Written together with the lease. */
  set?: Values<T>;
}

/**
 * Leases the rows that are due, the first by `orderBy`, and returns them in any order. Writes nothing where none is due,
 * so that it may be called every second.
 */
export async function takeDue<T extends Table>(
  database: Database,
  {
    key,
    orderBy,
    limit,
    ...leased
  }: Leased<T> & { key: readonly Column<T>[]; orderBy: Column<T>; limit: number },
  lease: Lease<T>,
): Promise<Selectable<Schema[T]>[]> {
  const keys = sql.join(key.map((column) => sql.ref(column)));
  const due = sql`select ${keys} from ${sql.table(leased.table)}
    where ${leased.where} and ${isFree(leased, lease)} order by ${sql.ref(orderBy)} limit ${limit}`;
  const { rows } = await due.execute(database.query);
  if (rows.length === 0) return [];
  return database.transact((tx) => takeLease(tx, { ...leased, where: sql`(${keys}) in (${due})` }, lease));
}

/** Leases the rows that are free, or `isMine` already, and returns them. */
export async function takeLease<T extends Table>(
  db: Queryable,
  leased: Leased<T>,
  { isMine, ...lease }: Lease<T> & { isMine?: Expression<boolean> },
): Promise<Selectable<Schema[T]>[]> {
  // Checked again after the select of `takeDue`: on PostgreSQL another instance may take the row in between.
  const mayTake = isMine === undefined ? isFree(leased, lease) : sql`(${isFree(leased, lease)} or ${isMine})`;
  const { rows } = await sql<Selectable<Schema[T]>>`update ${sql.table(leased.table)}
    set ${toAssignments(leased, lease.now + lease.leaseMs, lease.set)}
    where ${leased.where} and ${mayTake} returning *`.execute(db);
  return rows;
}

/** Moves the end of a lease or a wait: renews, postpones, or releases it (0). False where the row no longer exists. */
export async function setLease<T extends Table>(
  db: Queryable,
  leased: Leased<T>,
  untilMs: number,
  set?: Values<T>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update ${sql.table(leased.table)}
    set ${toAssignments(leased, untilMs, set)} where ${leased.where}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** `hasElapsed` of `services/runtime/clock.ts`, for each column. */
function isFree<T extends Table>(
  { until }: Leased<T>,
  { now, leaseMs, longestMs = leaseMs }: Lease<T>,
): RawBuilder<unknown> {
  const ends = until.map((column) => sql.ref(column));
  const elapsed = ends.map((end) => sql`(${end} <= ${now} or ${end} - ${longestMs} > ${now})`);
  return sql`(${sql.join(elapsed, sql` and `)})`;
}

function toAssignments<T extends Table>(
  { until }: Leased<T>,
  untilMs: number,
  set: Values<T> = {},
): RawBuilder<unknown> {
  const values = [...until.map((column) => [column, untilMs] as const), ...Object.entries(set)];
  return sql.join(values.map(([column, value]) => sql`${sql.ref(column)} = ${value}`));
}
