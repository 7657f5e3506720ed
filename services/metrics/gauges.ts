import { Gauge, type Registry } from 'prom-client';
import type { Database } from '../database/database';
import type { Clock } from '../runtime/clock';
import { type DatabaseMetrics, readDatabaseMetrics } from './store';

/**
 * Gauges of what the database holds, read on demand: every instance shows the same. While the database is away they are left
 * out, and `scopekeeper_database_up` is 0; the counters of this process are still shown.
 */
export function createGauges(parts: {
  registry: Registry;
  database: Database;
  clock: Clock;
  /** Whether a log delivery is still configured: otherwise it has no lag. */
  isDelivered: (name: string, teamId: string) => boolean;
}): { read(): Promise<void> } {
  const { registry, database, clock, isDelivered } = parts;
  const gauges: Gauge[] = [];
  const gauge = (name: string, help: string, labelNames: string[] = []) => {
    const made = new Gauge({ name: `scopekeeper_${name}`, help, labelNames, registers: [registry] });
    gauges.push(made);
    return made;
  };
  const up = new Gauge({
    name: 'scopekeeper_database_up',
    help: 'Whether the database could be read just now.',
    registers: [registry],
  });
  const open = gauge('open_requests', 'Requests that await an answer, or a trigger.', ['state']);
  const size = gauge('log_size_entries', 'Entries in the grant log.');
  const lastEnd = gauge('sync_last_end_timestamp_seconds', 'When the last sweep of a team ended.', ['team']);
  const age = gauge('sync_age_seconds', 'How long ago the last sweep of a team ended.', ['team']);
  const running = gauge('sync_running', 'Whether a sweep of a team is under way.', ['team']);
  const failed = gauge('sync_failed', 'Whether the last sweep of a team failed.', ['team']);
  const labels = ['sink', 'team'];
  const lagEntries = gauge('sink_lag_entries', 'Entries that are still to be delivered.', labels);
  const lagSeconds = gauge('sink_lag_seconds', 'How long the first of them has been waiting.', labels);
  /** While a sweep is running, the end of the one before it is shown. */
  const endedAt = new Map<string, number>();

  function show({ openRequests, logEntries, sweeps, lags }: DatabaseMetrics): void {
    const nowMs = clock.now();
    for (const state of ['requested', 'waiting']) {
      open.set({ state }, openRequests.find((found) => found.state === state)?.count ?? 0);
    }
    size.set(logEntries);
    for (const { teamId: team, finishedAt, isRunning, isFailed } of sweeps) {
      if (finishedAt !== null) endedAt.set(team, Date.parse(finishedAt));
      const endMs = endedAt.get(team);
      if (endMs !== undefined) {
        lastEnd.set({ team }, endMs / 1_000);
        age.set({ team }, Math.max(0, nowMs - endMs) / 1_000);
      }
      running.set({ team }, isRunning ? 1 : 0);
      failed.set({ team }, isFailed ? 1 : 0);
    }
    for (const { name: sink, teamId: team, entries, at } of lags) {
      if (!isDelivered(sink, team)) continue;
      lagEntries.set({ sink, team }, entries);
      lagSeconds.set({ sink, team }, at === null ? 0 : Math.max(0, nowMs - Date.parse(at)) / 1_000);
    }
  }

  return {
    async read() {
      // A team that is gone must not keep its last values.
      for (const one of gauges) one.reset();
      // `reset` sets a gauge without labels to 0, which is not true here.
      size.remove();
      try {
        show(await readDatabaseMetrics(database.query, clock.now()));
        up.set(1);
      } catch {
        up.set(0);
      }
    },
  };
}
