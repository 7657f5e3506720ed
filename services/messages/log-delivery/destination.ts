import type { LogEntry } from '../../grants/log/entry';

export type DeliveryResult =
  /** The first `count` entries were taken. */
  | { is: 'delivered'; count: number }
  /** Nothing was tried: a rate limit leaves no room yet. */
  | { is: 'later'; inMs: number }
  /** `advice`: what an operator has to do, where the fault does not pass by itself. */
  | { is: 'failed'; error: string; inMs: number; advice?: string };

/** PORT: where the grant log is delivered as it grows. ADAPTERS: a channel in Slack, and a webhook. */
export interface LogDestination {
  /** Stored with the cursors: under the same name, delivery resumes from them. */
  name: 'channel' | 'webhook';
  teams: 'all' | readonly string[];
  /** How many entries are offered at once. */
  batchSize: number;
  /** After each delivery; stored with the cursor, so that other instances wait too. */
  pauseMs: number;
  /** `attempts`: how often the first entry was tried before. Does not throw where the destination fails. */
  deliver(teamId: string, entries: readonly LogEntry[], attempts: number): Promise<DeliveryResult>;
  close?(): Promise<void>;
}

/** The longest wait between two attempts. */
export const MAX_WAIT_MS = 60 * 60_000;
