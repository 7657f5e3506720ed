import type { Generated } from 'kysely';

/** What users are still to be told; a row goes when Slack has taken the message. */
export interface NoticeTable {
  id: Generated<number>;
  team_id: string;
  user_id: string;
  event: string;
  /** JSON list. */
  scopes: string;
  attempts: number;
  /** Not to be sent before this time, in ms: a pause after a fault, or somebody is sending it now. */
  due_at_ms: number;
  enterprise_id: string | null;
}

/** How far the log of a team has been told to a channel or an address. */
export interface SinkTable {
  name: string;
  team_id: string;
  /** The last entry that was taken there. */
  seq: number;
  /** Of the next one, so far. */
  attempts: Generated<number>;
  /** ms; not before then: a pause after a fault, or somebody is at it now. */
  due_at_ms: Generated<number>;
  owner: string | null;
}
