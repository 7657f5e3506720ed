import { PostgresAdapter, type RawBuilder, sql } from 'kysely';
import type { Queryable } from './schema';

/** The columns of the rows, with their types. */
type Columns = Readonly<Record<string, 'text' | 'bigint'>>;

type Row<C extends Columns> = { [Name in keyof C]: Value<C[Name]> | null };

type Value<Type extends Columns[string]> = Type extends 'text' ? string : number;

/**
 * Rows as one JSON parameter, to select from: `from ${jsonRows(db, columns, rows)} as r`. One row or a thousand make the
 * same statement, which is compiled and prepared once.
 */
export function jsonRows<const C extends Columns>(
  db: Queryable,
  columns: C,
  rows: readonly Row<C>[],
): RawBuilder<unknown> {
  const names = Object.keys(columns);
  if (db.getExecutor().adapter instanceof PostgresAdapter) {
    const definitions = names.map((name) => sql`${sql.ref(name)} ${sql.raw(columns[name] ?? 'text')}`);
    return sql`(select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(${sql.join(definitions)}))`;
  }
  // json_each would turn each row into text, and parse that again for each column.
  const json = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
  const selections = names.map((name, index) => sql`value ->> ${sql.lit(index)} as ${sql.ref(name)}`);
  return sql`(select ${sql.join(selections)} from jsonb_each(${json}))`;
}
