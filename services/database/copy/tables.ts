import type { Selectable } from 'kysely';
import type { Schema } from '../schema';

type ColumnType = 'text' | 'bigint';

export interface CopiedTable {
  name: string;
  /** Every column, in the order in which the checksum takes them. */
  columns: Readonly<Record<string, ColumnType>>;
  /** The primary key: rows are read in its order. */
  key: readonly string[];
  /** The column that the database itself numbers. */
  numbered?: string;
}

/** Each column of the schema with its type. One that is added to the schema does not compile until it is copied. */
type ColumnsOf<Row> = {
  readonly [Name in keyof Selectable<Row>]: Exclude<Selectable<Row>[Name], null> extends string
    ? 'text'
    : 'bigint';
};

type TableOf<Row> = {
  columns: ColumnsOf<Row>;
  key: readonly (keyof Row & string)[];
  numbered?: keyof Row & string;
};

const grantLog = {
  columns: {
    seq: 'bigint',
    at: 'text',
    team_id: 'text',
    user_id: 'text',
    event: 'text',
    scopes: 'text',
    source: 'text',
    request_id: 'text',
    trigger_source: 'text',
    event_id: 'text',
    error: 'text',
    reason: 'text',
    team_seq: 'bigint',
    hash: 'text',
  },
  key: ['seq'],
  numbered: 'seq',
} as const;

/** Copied as they are: encrypted, for the same key to read. */
const token = {
  mark: 'bigint',
  token: 'text',
  refresh_token: 'text',
  expires_at_ms: 'bigint',
  refresh_until_ms: 'bigint',
} as const;

/** In this order: what others refer to comes before them. */
const byName: { readonly [Name in keyof Schema]: TableOf<Schema[Name]> } = {
  permission_requests: {
    columns: {
      id: 'text',
      team_id: 'text',
      user_id: 'text',
      scopes: 'text',
      reason: 'text',
      trigger_source: 'text',
      state: 'text',
      created_at: 'text',
      expires_at: 'text',
      enterprise_id: 'text',
    },
    key: ['id'],
  },
  request_triggers: { columns: { trigger_hash: 'text', request_id: 'text' }, key: ['trigger_hash'] },
  grants: {
    columns: {
      team_id: 'text',
      user_id: 'text',
      scope: 'text',
      granted_at: 'text',
      source: 'text',
      held: 'bigint',
      mark: 'bigint',
      sweep_id: 'bigint',
    },
    key: ['team_id', 'user_id', 'scope'],
  },
  grant_log: grantLog,
  log_scopes: { columns: { scope: 'text', seq: 'bigint' }, key: ['scope', 'seq'] },
  received_events: {
    columns: { event_id: 'text', received_at: 'text', meaning: 'text' },
    key: ['event_id'],
  },
  sweeps: {
    columns: {
      team_id: 'text',
      sweep_id: 'bigint',
      state: 'text',
      cursor: 'text',
      slack_started_at: 'bigint',
      started_at: 'text',
      finished_at: 'text',
      pages: 'bigint',
      users: 'bigint',
      changes: 'bigint',
      last_users: 'bigint',
      error: 'text',
      owner: 'text',
      lease_until_ms: 'bigint',
      skipped: 'bigint',
      skipped_users: 'text',
    },
    key: ['team_id'],
  },
  notices: {
    columns: {
      id: 'bigint',
      team_id: 'text',
      user_id: 'text',
      event: 'text',
      scopes: 'text',
      attempts: 'bigint',
      due_at_ms: 'bigint',
      enterprise_id: 'text',
    },
    key: ['id'],
    numbered: 'id',
  },
  bot_installations: {
    columns: {
      enterprise_id: 'text',
      team_id: 'text',
      name: 'text',
      app_id: 'text',
      bot_id: 'text',
      bot_user_id: 'text',
      scopes: 'text',
      installed_by: 'text',
      installed_at: 'text',
      ...token,
    },
    key: ['enterprise_id', 'team_id'],
  },
  user_tokens: {
    columns: { enterprise_id: 'text', team_id: 'text', user_id: 'text', ...token, doubted_at_ms: 'bigint' },
    key: ['enterprise_id', 'team_id', 'user_id'],
  },
  workspaces: {
    columns: { team_id: 'text', enterprise_id: 'text', ended_mark: 'bigint' },
    key: ['team_id'],
  },
  oauth_states: {
    columns: {
      state_hash: 'text',
      purpose: 'text',
      request_id: 'text',
      enterprise_id: 'text',
      team_id: 'text',
      user_id: 'text',
      view_id: 'text',
      expires_at_ms: 'bigint',
      used_at: 'text',
    },
    key: ['state_hash'],
  },
  chains: {
    columns: {
      team_id: 'text',
      team_seq: 'bigint',
      seq: 'bigint',
      hash: 'text',
      signed_team_seq: 'bigint',
      signature: 'text',
      verified_at: 'text',
      verified_seq: 'bigint',
      verified_fault: 'text',
    },
    key: ['team_id'],
  },
  chain_stubs: {
    columns: {
      team_id: 'text',
      team_seq: 'bigint',
      seq: 'bigint',
      hash: 'text',
      until: 'text',
      made_at: 'text',
      signature: 'text',
    },
    key: ['team_id'],
  },
  chain_list: {
    columns: { id: 'bigint', teams: 'text', since: 'text', signature: 'text' },
    key: ['id'],
  },
  log_words: { columns: { word: 'text', seq: 'bigint' }, key: ['word', 'seq'] },
  sinks: {
    columns: {
      name: 'text',
      team_id: 'text',
      seq: 'bigint',
      attempts: 'bigint',
      due_at_ms: 'bigint',
      owner: 'text',
    },
    key: ['name', 'team_id'],
  },
  rushes: {
    columns: {
      team_id: 'text',
      paused_until_ms: 'bigint',
      limited_until_ms: 'bigint',
      milliturns: 'bigint',
      counted_at_ms: 'bigint',
    },
    key: ['team_id'],
  },
  turns: {
    columns: {
      seq: 'bigint',
      request_id: 'text',
      team_id: 'text',
      place_ms: 'bigint',
      called_at_ms: 'bigint',
      told_at_ms: 'bigint',
    },
    key: ['seq'],
    numbered: 'seq',
  },
  admin_links: {
    columns: {
      token_hash: 'text',
      enterprise_id: 'text',
      team_id: 'text',
      user_id: 'text',
      expires_at_ms: 'bigint',
      used_at: 'text',
    },
    key: ['token_hash'],
  },
  admin_sessions: {
    columns: {
      id_hash: 'text',
      enterprise_id: 'text',
      team_id: 'text',
      user_id: 'text',
      begun_at: 'text',
      seen_at_ms: 'bigint',
      checked_at_ms: 'bigint',
    },
    key: ['id_hash'],
  },
  access_log: {
    columns: {
      seq: 'bigint',
      at: 'text',
      team_id: 'text',
      user_id: 'text',
      event: 'text',
      detail: 'text',
    },
    key: ['seq'],
    numbered: 'seq',
  },
  homes: {
    columns: {
      team_id: 'text',
      user_id: 'text',
      enterprise_id: 'text',
      opened_at: 'text',
      is_admin: 'bigint',
      published_seq: 'bigint',
      published_at_ms: 'bigint',
      stale_seq: 'bigint',
      due_at_ms: 'bigint',
      free_at_ms: 'bigint',
      attempts: 'bigint',
    },
    key: ['team_id', 'user_id'],
  },
};

export const tables: readonly CopiedTable[] = Object.entries(byName).map(([name, table]) => ({
  name,
  ...table,
}));

export const logTable: CopiedTable = { name: 'grant_log', ...grantLog };
