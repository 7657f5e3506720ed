import type { LogEntry } from '../../grants/log/entry';

/** What came of telling entries. */
export type Telling =
  /** The first so many of them are there. */
  | { is: 'told'; count: number }
  /** It is not their turn; nothing was tried. */
  | { is: 'later'; inMs: number }
  /** `advice` is what somebody has to do, where it will not pass by itself. */
  | { is: 'failed'; error: string; inMs: number; advice: string | undefined };

/** PORT: where the grant log is told as it grows. ADAPTERS: a channel in Slack, and a webhook. */
export interface Sink {
  /** In the database: with the same name it goes on from where it was. */
  name: 'channel' | 'webhook';
  teams: 'all' | readonly string[];
  /** How many entries are offered at once. */
  atOnce: number;
  /** After each telling, so that nobody else tells sooner either. */
  pauseMs: number;
  /** `attempts` is how often the first of them was tried before. Never throws for what may go wrong on the way. */
  tell(teamId: string, entries: readonly LogEntry[], attempts: number): Promise<Telling>;
  close(): Promise<void>;
}

/** The longest wait of all. */
export const LONGEST_WAIT_MS = 60 * 60_000;

/** 1 s, doubled with each attempt. */
export function toWaitMs(attempts: number, mostMs: number): number {
  return Math.min(mostMs, 1_000 * 2 ** Math.min(attempts, 30));
}
