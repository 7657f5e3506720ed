import type { Database } from '../services/database/database';
import type { Grants } from '../services/grants/grants';
import type { HeadSeqs } from '../services/grants/log/chain-store';
import type { LogEntry, LogFilter } from '../services/grants/log/entry';
import { createTail } from '../services/grants/log/tail';
import { createBackground } from '../services/runtime/background';
import { systemClock } from '../services/runtime/clock';
import { createLogger } from '../services/runtime/logger';

const PAGE_SIZE = 1_000;

/** New entries after `heads`, page by page, until SIGINT or SIGTERM. */
export async function* followLog(
  database: Database,
  grants: Grants,
  { filter, heads }: { filter: LogFilter; heads: HeadSeqs },
): AsyncGenerator<LogEntry[]> {
  const background = createBackground({ logger: createLogger({ level: 'error', secrets: [] }) });
  const tail = createTail({ database, clock: systemClock, background });
  const seen = new Map(heads);
  let newest: HeadSeqs | undefined = heads;
  let isStopped = false;
  let wake = () => {};
  const stop = () => {
    isStopped = true;
    wake();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const watcher = tail.subscribe((now) => {
    newest = now;
    wake();
  });
  try {
    while (!isStopped) {
      const now = newest;
      newest = undefined;
      if (now !== undefined) yield* readNew(now);
      if (newest === undefined && !isStopped) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    watcher.stop();
    await background.settled();
  }

  /** Reads team by team: entries of different teams need not become visible in the order of `seq`. */
  async function* readNew(now: HeadSeqs): AsyncGenerator<LogEntry[]> {
    for (const [teamId, head] of now) {
      if (filter.teamId !== undefined && filter.teamId !== teamId) continue;
      while ((seen.get(teamId) ?? 0) < head) {
        const after = String(seen.get(teamId) ?? 0);
        const query = {
          filter: { ...filter, teamId },
          order: 'asc',
          cursor: after,
          limit: PAGE_SIZE,
        } as const;
        const { items } = await grants.listLog(query);
        if (items.length > 0) yield items;
        seen.set(teamId, items.length === PAGE_SIZE ? (items.at(-1)?.seq ?? head) : head);
      }
    }
  }
}
