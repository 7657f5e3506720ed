import type { LogEntry } from '../../grants/log/entry';

/** What came of delivering entries. */
export type DeliveryResult =
  /** The first `count` of them were taken. */
  | { is: 'told'; count: number }
  /** Too early; nothing was tried. */
  | { is: 'later'; inMs: number }
  /** `advice`: what somebody has to do, where it will not pass by itself. */
  | { is: 'failed'; error: string; inMs: number; advice: string | undefined };

/** PORT: where the grant log is delivered as it grows. ADAPTERS: a channel in Slack, and a webhook. */
export interface LogDestination {
  /** Stored with its cursors: under the same name it goes on from there. */
  name: 'channel' | 'webhook';
  teams: 'all' | readonly string[];
  /** How many entries are offered at once. */
  batchSize: number;
  /** After each delivery; stored, so that other instances wait, too. */
  pauseMs: number;
  /** `attempts`: how often the first of them was tried before. Never throws where the way there fails. */
  deliver(teamId: string, entries: readonly LogEntry[], attempts: number): Promise<DeliveryResult>;
  close(): Promise<void>;
}

/** The longest wait of any sink. */
export const MAX_WAIT_MS = 60 * 60_000;
