import type { Tail } from '../../grants/log/tail';
import { isFresh } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { DeliveryResult, LogDestination } from './destination';
import { createCursors, listCursors } from './store';
import { createTeamDelivery, type TeamDelivery, type TeamDeliveryDependencies } from './team-delivery';

/** A fault that lasts is logged once in this time. */
const REPEAT_ERROR_MS = 60 * 60_000;

/** Delivers the grant log elsewhere as it grows: each entry, in the order of its team. */
export function createLogDelivery({
  destinations,
  tail,
  logger,
  ...parts
}: {
  destinations: readonly LogDestination[];
  tail: Tail;
  logger: Logger;
} & Omit<TeamDeliveryDependencies, 'onResult'>) {
  const starts: (() => void)[] = [];
  const stops: (() => void)[] = [];
  const { clock, database } = parts;

  function createReporter(name: string): TeamDeliveryDependencies['onResult'] {
    const faults = new Map<string, { error: string; loggedAt: number }>();
    return (teamId: string, result: DeliveryResult) => {
      if (result.is === 'told') faults.delete(teamId);
      if (result.is !== 'failed') return;
      const { error, advice, inMs } = result;
      const about = { sink: name, team_id: teamId, error, again_in_seconds: Math.ceil(inMs / 1_000) };
      if (advice === undefined) return logger.warn(about, 'log delivery failed: will retry');
      const last = faults.get(teamId);
      if (last?.error === error && isFresh(last.loggedAt, clock.now(), REPEAT_ERROR_MS)) return;
      faults.set(teamId, { error, loggedAt: clock.now() });
      logger.error({ ...about, advice }, 'log delivery stopped until an operator acts: no entries are lost');
    };
  }

  async function prepare(destination: LogDestination): Promise<void> {
    await database.transact((tx) => createCursors(tx, destination));
    const deliveredSeqs = await listCursors(database.query, destination.name);
    starts.push(() => follow(destination, deliveredSeqs));
  }

  function follow(destination: LogDestination, deliveredSeqs: ReadonlyMap<string, number>): void {
    const deliveries = new Map<string, TeamDelivery>();
    const onResult = createReporter(destination.name);
    const deliveryOf = (teamId: string) => {
      const known = deliveries.get(teamId);
      if (known !== undefined) return known;
      const deliveredSeq = deliveredSeqs.get(teamId) ?? 0;
      const delivery = createTeamDelivery(destination, { teamId, deliveredSeq }, { ...parts, onResult });
      deliveries.set(teamId, delivery);
      return delivery;
    };
    const watch = tail.subscribe((heads) => {
      for (const [teamId, head] of heads) {
        if (deliversTeam(destination, teamId)) deliveryOf(teamId).wake(head);
      }
    });
    stops.push(() => {
      watch.stop();
      for (const delivery of deliveries.values()) delivery.stop();
    });
  }

  return {
    /** Registers each sink's cursor at the end of the log; delivery begins with `start()`. */
    async registerCursors(): Promise<void> {
      for (const destination of destinations) await prepare(destination);
    },
    start(): void {
      for (const start of starts) start();
    },
    /** Begins nothing more; what is under way goes on in the background. */
    stop(): void {
      for (const stop of stops) stop();
    },
    /** Whether a sink of this name gets the log of the team. */
    delivers: (name: string, teamId: string): boolean =>
      destinations.some((destination) => destination.name === name && deliversTeam(destination, teamId)),
    async close(): Promise<void> {
      for (const destination of destinations) await destination.close();
    },
  };
}

function deliversTeam({ teams }: LogDestination, teamId: string): boolean {
  return teams === 'all' || teams.includes(teamId);
}
