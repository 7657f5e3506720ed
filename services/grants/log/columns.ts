import type { LogEntry } from './entry';

/** Each column of `grant_log` that the hash of an entry covers, with its property. Never to be changed: `verify` recomputes the hashes. */
export const COVERED_COLUMNS = {
  at: 'at',
  team_id: 'teamId',
  user_id: 'userId',
  event: 'event',
  scopes: 'scopes',
  source: 'source',
  request_id: 'requestId',
  trigger_source: 'triggerSource',
  event_id: 'eventId',
  error: 'error',
  reason: 'reason',
} as const satisfies Readonly<Record<string, keyof LogEntry>>;

/** Each column of an entry that leaves the product, in this order, with its property. */
export const LOG_COLUMNS = { seq: 'seq', ...COVERED_COLUMNS, hash: 'hash' } as const;
