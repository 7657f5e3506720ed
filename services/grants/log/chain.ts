import { createHash } from 'node:crypto';

/** Before the first entry of a team there is this. */
export const CHAIN_START = '';

/** What the hash of an entry covers, as it stands in the database. */
export interface ChainedContent {
  at: string;
  team_id: string;
  user_id: string | null;
  event: string;
  scopes: string;
  source: string;
  request_id: string | null;
  trigger_source: string | null;
  event_id: string | null;
  error: string | null;
  reason: string | null;
}

/**
 * SHA-256, in hex, over an entry, its place among the entries of its team, and the hash of the one before it. Whoever
 * changes, removes, adds or swaps entries breaks the chain from there on. Never to be changed: it is recomputed by `verify`.
 */
export function toEntryHash(previous: string, teamSeq: number, content: ChainedContent): string {
  const { at, team_id, user_id, event, scopes, source, request_id, trigger_source, event_id, error, reason } =
    content;
  const covered = [
    previous,
    teamSeq,
    at,
    team_id,
    user_id,
    event,
    scopes,
    source,
    request_id,
    trigger_source,
    event_id,
    error,
    reason,
  ];
  return createHash('sha256').update(JSON.stringify(covered)).digest('hex');
}

/** Words of a text, by which entries are found: letters and digits, lower case. */
export function toWords(...texts: (string | null)[]): string[] {
  const words = texts.flatMap((text) => text?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  return [...new Set(words.map((word) => word.slice(0, WORD_LIMIT)))];
}

const WORD_LIMIT = 40;
