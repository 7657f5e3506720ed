import type { Tail } from '../../grants/log/tail';
import { isFresh } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { createFollower, type Follower, type FollowerParts } from './follower';
import type { Sink, Telling } from './sink';
import { beginSink, listToldSeqs } from './store';

/** A fault that lasts is logged once in this time. */
const LOG_AGAIN_MS = 60 * 60_000;

/** Delivers the grant log elsewhere as it grows: each entry, in the order of its team. */
export function createSinks({
  sinks,
  tail,
  logger,
  ...parts
}: {
  sinks: readonly Sink[];
  tail: Tail;
  logger: Logger;
} & Omit<FollowerParts, 'onTelling'>) {
  const starts: (() => void)[] = [];
  const stops: (() => void)[] = [];
  const { clock, database } = parts;

  function createReporter(name: string): FollowerParts['onTelling'] {
    const faults = new Map<string, { error: string; loggedAt: number }>();
    return (teamId: string, telling: Telling) => {
      if (telling.is === 'told') faults.delete(teamId);
      if (telling.is !== 'failed') return;
      const { error, advice, inMs } = telling;
      const about = { sink: name, team_id: teamId, error, again_in_seconds: Math.ceil(inMs / 1_000) };
      if (advice === undefined) return logger.warn(about, 'the grant log could not be told yet');
      const last = faults.get(teamId);
      if (last?.error === error && isFresh(last.loggedAt, clock.now(), LOG_AGAIN_MS)) return;
      faults.set(teamId, { error, loggedAt: clock.now() });
      logger.error({ ...about, advice }, 'the grant log is not told until somebody acts: nothing is lost');
    };
  }

  async function prepare(sink: Sink): Promise<void> {
    await database.transact((tx) => beginSink(tx, sink));
    const toldSeqs = await listToldSeqs(database.query, sink.name);
    starts.push(() => follow(sink, toldSeqs));
  }

  function follow(sink: Sink, toldSeqs: ReadonlyMap<string, number>): void {
    const followers = new Map<string, Follower>();
    const onTelling = createReporter(sink.name);
    const followerOf = (teamId: string) => {
      const known = followers.get(teamId);
      if (known !== undefined) return known;
      const toldSeq = toldSeqs.get(teamId) ?? 0;
      const follower = createFollower(sink, { teamId, toldSeq }, { ...parts, onTelling });
      followers.set(teamId, follower);
      return follower;
    };
    const watch = tail.watch((heads) => {
      for (const [teamId, head] of heads) {
        if (tells(sink, teamId)) followerOf(teamId).wake(head);
      }
    });
    stops.push(() => {
      watch.stop();
      for (const follower of followers.values()) follower.stop();
    });
  }

  return {
    /** Registers each sink's cursor at the end of the log; delivery begins with `start()`. */
    async prepare(): Promise<void> {
      for (const sink of sinks) await prepare(sink);
    },
    start(): void {
      for (const start of starts) start();
    },
    /** Begins nothing more; what is under way goes on in the background. */
    stop(): void {
      for (const stop of stops) stop();
    },
    /** Whether a sink of this name gets the log of the team. */
    has: (name: string, teamId: string): boolean =>
      sinks.some((sink) => sink.name === name && tells(sink, teamId)),
    async close(): Promise<void> {
      for (const sink of sinks) await sink.close();
    },
  };
}

function tells({ teams }: Sink, teamId: string): boolean {
  return teams === 'all' || teams.includes(teamId);
}
