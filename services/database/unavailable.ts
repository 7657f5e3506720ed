import { DatabaseError } from '../runtime/errors';

/** SQLite: the file is read-only, locked, full, corrupt, or missing. */
const SQLITE_CODES = new Set([3, 5, 6, 7, 8, 10, 11, 13, 14, 15, 26]);
/** PostgreSQL's error classes: connection, transaction state, catalog, resources, objects in use, operator, system. */
const POSTGRES_CLASSES = /^(08|25|3D|40|53|55|57|58)[0-9A-Z]{3}$/;

/** Whether the database can write nothing now, whatever it is: the same write may succeed later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code === 'database_away';
  if (typeof error !== 'object' || error === null) return false;
  if ('errcode' in error) return SQLITE_CODES.has(Number(error.errcode) & 0xff);
  return 'code' in error && POSTGRES_CLASSES.test(String(error.code));
}
