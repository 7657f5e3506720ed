import type { Config } from '../../config/config';
import type { Tail } from '../../grants/log/tail';
import { createChannelDestination } from './channel';
import type { LogDestination } from './destination';
import { createCursors, listCursors } from './store';
import { createTeamDelivery, type TeamDelivery, type TeamDeliveryDependencies } from './team-delivery';
import { createWebhookDestination } from './webhook';

/** Delivers the grant log to `AUDIT_CHANNEL` and `AUDIT_WEBHOOK_URL` as it grows: each entry, in the order of its team. */
export function createLogDelivery({
  config: { auditChannel: channel, auditWebhook: webhook, proxy },
  tail,
  messenger,
  workspaces,
  logDeliveryMessage,
  ...parts
}: { config: Config; tail: Tail } & TeamDeliveryDependencies &
  Omit<Parameters<typeof createChannelDestination>[0], 'channel' | 'clock'>) {
  const { clock, database } = parts;
  const destinations: LogDestination[] = [];
  if (channel !== undefined)
    destinations.push(
      createChannelDestination({ channel, messenger, workspaces, logDeliveryMessage, clock }),
    );
  if (webhook !== undefined) destinations.push(createWebhookDestination({ webhook, proxy, clock }));
  const deliveredSeqs = new Map<LogDestination, ReadonlyMap<string, number>>();
  const stops: (() => void)[] = [];

  function follow(destination: LogDestination): void {
    const deliveries = new Map<string, TeamDelivery>();
    const watch = tail.subscribe((heads) => {
      for (const [teamId, head] of heads) {
        if (!deliversTeam(destination, teamId)) continue;
        const deliveredSeq = deliveredSeqs.get(destination)?.get(teamId) ?? 0;
        const delivery =
          deliveries.get(teamId) ?? createTeamDelivery(destination, { teamId, deliveredSeq }, parts);
        deliveries.set(teamId, delivery);
        delivery.wake(head);
      }
    });
    stops.push(watch.stop, () => {
      for (const delivery of deliveries.values()) delivery.stop();
    });
  }

  return {
    /** Registers a new destination's cursor at the end of the log; delivery begins with `start()`. */
    async registerCursors(): Promise<void> {
      for (const destination of destinations) {
        await database.transact((tx) => createCursors(tx, destination));
        deliveredSeqs.set(destination, await listCursors(database.query, destination.name));
      }
    },
    start(): void {
      for (const destination of destinations) follow(destination);
    },
    /** Starts no further delivery; the current one goes on in the background. */
    stop(): void {
      for (const stop of stops) stop();
    },
    /** Whether a destination of this name gets the log of the team. */
    delivers: (name: string, teamId: string): boolean =>
      destinations.some((destination) => destination.name === name && deliversTeam(destination, teamId)),
    async close(): Promise<void> {
      for (const destination of destinations) await destination.close?.();
    },
  };
}

function deliversTeam({ teams }: LogDestination, teamId: string): boolean {
  return teams === 'all' || teams.includes(teamId);
}
