import { createBatches } from '../database/batch-writer';
import type { Database } from '../database/database';
import { type Metrics, noMetrics } from '../metrics/metrics';
import { type InFlight, toRevocationKey } from '../permissions/requests/in-flight';
import type { Clock } from '../runtime/clock';
import { inTime } from '../runtime/with-timeout';
import type { GrantEvent } from './event';
import { recordEvents } from './record';

/** Writes what Slack tells. */
export interface Recorder {
  /**
   * Resolves when the event is committed, so that Slack's 200 never stands for something that is not in the database.
   * Throws where it could not be: Slack then sends it again.
   */
  record(event: GrantEvent): Promise<void>;
  /** For how long the event has waited that has waited longest; 0: none waits. */
  waitedMs(): number;
}

const CAUSE_PATIENCE_MS = 2_500;
/** A connection that hangs must not keep the others from being used. */
const MOST_WRITING = 4;

/** Events that wait together are committed together: one sync of the disk serves them all. */
export function createRecorder({
  database,
  clock,
  inFlight,
  onNotice,
  metrics = noMetrics,
}: {
  database: Database;
  clock: Clock;
  inFlight: InFlight;
  /** Called after a commit that left something to tell a user. */
  onNotice: () => void;
  metrics?: Metrics;
}): Recorder {
  async function write(events: readonly GrantEvent[]): Promise<void> {
    const teams = events.flatMap((event) => [event.teamId, ...('teamIds' in event ? event.teamIds : [])]);
    const recorded = await database.transactTeams(teams, (tx) => recordEvents(tx, events, clock.now()));
    metrics.logged(recorded.entries);
    metrics.repeated(recorded.repeated);
    if (recorded.isToTell) onNotice();
  }

  const add = createBatches({ write, mostWriting: MOST_WRITING });
  /** Since when events wait, the oldest first. */
  const waiting = new Set<{ since: number }>();

  /** What this instance is doing now that the event comes of: it is written first. */
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
    async record(event) {
      metrics.received(event.type);
      const waits = { since: clock.now() };
      waiting.add(waits);
      try {
        const cause = findCause(event);
        // No longer than Slack waits for its 200.
        if (cause !== undefined) await inTime(cause, CAUSE_PATIENCE_MS, clock);
        await add(event);
      } finally {
        waiting.delete(waits);
      }
    },
    waitedMs() {
      const [oldest] = waiting;
      return oldest === undefined ? 0 : clock.now() - oldest.since;
    },
  };
}
