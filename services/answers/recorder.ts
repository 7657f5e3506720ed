import { createBatchWriter } from '../database/batch-writer';
import type { Database } from '../database/database';
import { type Metrics, noMetrics } from '../metrics/metrics';
import { type InFlight, toRevocationKey } from '../permissions/requests/in-flight';
import type { Clock } from '../runtime/clock';
import { withTimeout } from '../runtime/with-timeout';
import type { GrantEvent } from './event';
import { recordEvents } from './record';

const CAUSE_TIMEOUT_MS = 2_500;
/** A write that hangs must leave connections for others. */
const MAX_CONCURRENT_WRITES = 4;

export type Recorder = ReturnType<typeof createRecorder>;

/** Records what Slack reports. Events that wait together are committed together: one disk sync serves them all. */
export function createRecorder(parts: {
  database: Database;
  clock: Clock;
  inFlight: InFlight;
  /** Called after a commit that left a message for a user. */
  onNotice: () => void;
  metrics?: Metrics;
}) {
  const { database, clock, inFlight, onNotice, metrics = noMetrics } = parts;

  async function write(events: readonly GrantEvent[]): Promise<void> {
    const teams = events.flatMap((event) => [event.teamId, ...('teamIds' in event ? event.teamIds : [])]);
    const recorded = await database.transactTeams(teams, (tx) => recordEvents(tx, events, clock.now()));
    metrics.logged(recorded.entries);
    metrics.repeated(recorded.duplicates);
    if (recorded.hasNotices) onNotice();
  }

  const add = createBatchWriter({ write, maxConcurrentWrites: MAX_CONCURRENT_WRITES });
  /** The events that wait, the oldest first. */
  const waiting = new Set<{ since: number }>();

  /** The work of this instance that led to the event, if it is under way: its record must be written first. */
  function findCause(event: GrantEvent): Promise<unknown> | undefined {
    if ('scopes' in event) return inFlight.settled(event.triggerId);
    if (event.type !== 'tokens_revoked') return undefined;
    const { teamIds, userIds } = event;
    const causes = teamIds.flatMap((teamId) =>
      userIds.flatMap((userId) => inFlight.settled(toRevocationKey({ teamId, userId })) ?? []),
    );
    return causes.length === 0 ? undefined : Promise.all(causes);
  }

  return {
    /**
     * Resolves when the event is committed: Slack's 200 must never stand for an event that is not in the database.
     * Throws where it could not be recorded; Slack then sends it again.
     */
    async record(event: GrantEvent): Promise<void> {
      metrics.received(event.type);
      const waits = { since: clock.now() };
      waiting.add(waits);
      try {
        const cause = findCause(event);
        // Slack waits three seconds for its 200.
        if (cause !== undefined) await withTimeout(cause, CAUSE_TIMEOUT_MS, clock);
        await add(event);
      } finally {
        waiting.delete(waits);
      }
    },
    /** How long the oldest event has waited; 0: none waits. */
    toOldestWaitMs(): number {
      const [oldest] = waiting;
      return oldest === undefined ? 0 : clock.now() - oldest.since;
    },
  };
}
