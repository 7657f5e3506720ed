import type { Generated } from 'kysely';

export interface MessageTables {
  /** The outbox: messages to users that Slack has not accepted yet. */
  notices: {
    id: Generated<number>;
    team_id: string;
    user_id: string;
    event: string;
    /** JSON list. */
    scopes: string;
    attempts: number;
    /** ms: not to be sent before, after a fault or while an instance is sending it. */
    due_at_ms: number;
    enterprise_id: string | null;
  };
  /** Cursors: how far the log of a team was delivered to a channel or a webhook. */
  sinks: {
    name: string;
    team_id: string;
    /** The last entry that was delivered. */
    seq: number;
    /** Of the next entry, so far. */
    attempts: Generated<number>;
    /** ms: not to be tried before, after a fault or while an instance has leased it. */
    due_at_ms: Generated<number>;
    owner: string | null;
  };
}
