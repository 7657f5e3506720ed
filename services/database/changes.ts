import type { Queryable } from './schema';

/** What is kept in memory, or watched, and has to be read again where a transaction changed it. */
export const topics = ['held', 'open_requests', 'installations', 'workspaces', 'admin_sessions'] as const;
export type Topic = (typeof topics)[number];

export interface Change {
  topic: Topic;
  keys: readonly string[];
}

/** Told of changes when they are committed, here or by another process. */
export interface ChangeListener {
  changed(change: Change): void;
  /** Something may have been missed: nothing that is in memory can be relied on. */
  lost(): void;
  /** The database is about to be closed. */
  closing?(): void;
}

const noted = new WeakMap<object, Map<Topic, Set<string>>>();

/** Says in a transaction what it changes: whoever keeps it in memory is told at the commit. */
export function noteChange(transaction: Queryable, topic: Topic, keys: Iterable<string>): void {
  const changes = noted.get(transaction);
  if (changes === undefined) return;
  const known = changes.get(topic) ?? new Set();
  for (const key of keys) known.add(key);
  changes.set(topic, known);
}

export function beginNoting(transaction: Queryable): void {
  noted.set(transaction, new Map());
}

export function listNoted(transaction: Queryable): Change[] {
  return [...(noted.get(transaction) ?? [])].map(([topic, keys]) => ({ topic, keys: [...keys] }));
}
