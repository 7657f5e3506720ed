import { DEFAULT_MIGRATION_LOCK_TABLE, DEFAULT_MIGRATION_TABLE, type RawBuilder, sql } from 'kysely';
import { COPY_PROGRESS_TABLE, type Database } from '../database';
import type { DatabaseKind } from '../dialect';

type ColumnType = 'text' | 'bigint';

export interface CopiedTable {
  name: string;
  /** Every column, in the order of the target, which is also the order in the checksum. */
  columns: Readonly<Record<string, ColumnType>>;
  /** The primary key: rows are read in its order. */
  key: readonly string[];
  /** Tables whose rows must be copied before those of this one. */
  refersTo: readonly string[];
}

export const LOG_TABLE = 'grant_log';

const NOT_COPIED = new Set([
  COPY_PROGRESS_TABLE, // belongs to the copy itself
  DEFAULT_MIGRATION_TABLE, // the target ran the migrations itself
  DEFAULT_MIGRATION_LOCK_TABLE,
]);

/** The types of both databases. Copying a column of another type is not tested: it is refused. */
const COLUMN_TYPES: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  integer: 'bigint',
  bigint: 'bigint',
};

interface CatalogColumn {
  table: string;
  name: string;
  type: string;
  /** Position in the primary key, from 1; 0 outside it. */
  key: number;
  refers_to: string | null;
}

const CATALOGS: Readonly<Record<DatabaseKind, RawBuilder<CatalogColumn>>> = {
  // Without SQLite's own tables.
  sqlite: sql`
    select t.name as "table", c.name, lower(c.type) as type, c.pk as key,
      (select f."table" from pragma_foreign_key_list(t.name) f where f."from" = c.name) as refers_to
    from sqlite_master t, pragma_table_info(t.name) c
    where t.type = 'table' and t.name not glob 'sqlite_*' order by t.name, c.cid`,
  // Without the tables of extensions, which a new database may hold with rows.
  postgres: sql`
    select t.relname as "table", c.attname as name, format_type(c.atttypid, null) as type,
      coalesce(array_position(i.indkey::int2[], c.attnum) + 1, 0) as key,
      (select r.relname from pg_constraint f join pg_class r on r.oid = f.confrelid
        where f.contype = 'f' and f.conrelid = t.oid and c.attnum = any(f.conkey)) as refers_to
    from pg_class t join pg_attribute c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
      left join pg_index i on i.indrelid = t.oid and i.indisprimary
    where t.relkind = 'r' and t.relnamespace = quote_ident(current_schema())::regnamespace
      and not exists (select from pg_depend d where d.classid = t.tableoid and d.objid = t.oid and d.deptype = 'e')
    order by t.relname, c.attnum`,
};

type Side = Pick<Database, 'kind' | 'query'>;

/**
 * The tables to copy, each after those that it refers to: all that both databases hold. Both are at the same migration,
 * so a table that only one of them holds is not ours.
 */
export async function listTables(source: Side, target: Side): Promise<CopiedTable[]> {
  const { rows: given } = await CATALOGS[source.kind].execute(source.query);
  const { rows: wanted } = await CATALOGS[target.kind].execute(target.query);
  const copied = new Set(given.map(({ table }) => table).filter((name) => !NOT_COPIED.has(name)));
  const names = new Set(wanted.map(({ table }) => table).filter((name) => copied.has(name)));
  return toCopyOrder([...names].map((name) => toTable(name, wanted)));
}

export function toLogTable(tables: readonly CopiedTable[]): CopiedTable {
  const log = tables.find(({ name }) => name === LOG_TABLE);
  if (log === undefined) throw new Error(`${LOG_TABLE} is in neither database`);
  return log;
}

function toTable(name: string, catalog: readonly CatalogColumn[]): CopiedTable {
  const columns = catalog.filter(({ table }) => table === name);
  const key = columns.filter((column) => column.key > 0).sort((one, other) => one.key - other.key);
  if (key.length === 0) throw new Error(`${name} has no primary key to read it by`);
  return {
    name,
    columns: Object.fromEntries(columns.map((column) => [column.name, toType(column)])),
    key: key.map((column) => column.name),
    refersTo: columns.flatMap(({ refers_to }) => refers_to ?? []),
  };
}

function toType({ table, name, type }: CatalogColumn): ColumnType {
  const known = COLUMN_TYPES[type];
  if (known === undefined) throw new Error(`${table}.${name} is of type ${type}, which copy does not know`);
  return known;
}

function toCopyOrder(tables: readonly CopiedTable[]): CopiedTable[] {
  const ordered = new Set<CopiedTable>();
  const visit = (table: CopiedTable) => {
    for (const other of tables) {
      if (other !== table && table.refersTo.includes(other.name)) visit(other);
    }
    ordered.add(table);
  };
  // Tables with foreign keys first: a violation stops the copy before the long log is written.
  for (const table of tables) if (table.refersTo.length > 0) visit(table);
  for (const table of tables) visit(table);
  return [...ordered];
}
