import type { Kysely, Selectable } from 'kysely';
import type { AdminTables } from './tables/admin';
import type { GrantLogTables } from './tables/grant-log';
import type { GrantTables, SweepState } from './tables/grants';
import type { MessageTables } from './tables/messages';
import type { OAuthTables } from './tables/oauth';
import type { PermissionTables, RequestState } from './tables/permissions';

export type { RequestState, SweepState };

/** Every table, by the room of `services/` that it serves. */
export interface Schema
  extends AdminTables,
    GrantLogTables,
    GrantTables,
    MessageTables,
    OAuthTables,
    PermissionTables {}

/** What stores take: the database itself, or a transaction on it. */
export type Queryable = Kysely<Schema>;

/** A row as it is read. */
export type TableRow<Name extends keyof Schema> = Selectable<Schema[Name]>;
