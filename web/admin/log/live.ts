import type { Timer } from '../../../services/runtime/clock';
import type { Route } from '../../server';
import type { Guard } from '../guard';
import type { AdminParts } from '../parts';
import { type EventStream, openEventStream } from './event-stream';
import { createFeeds } from './feeds';
import { readLogView } from './view';

/** Interval of keep-alive comments, so that no proxy closes an idle stream. */
const HEARTBEAT_MS = 15_000;
/** Browsers open six connections to one host: a seventh stream would block every other request. */
const MAX_STREAMS_PER_SESSION = 4;
const MAX_STREAMS_PER_TEAM = 100;

/** An open stream, and the session that it belongs to. */
interface OpenStream {
  stream: EventStream;
  /** Undefined without a session. */
  session: string | undefined;
  teamId: string;
}

/**
 * `GET /admin/log/live`: new entries of a view as server-sent events. A stream ends with its session. A stream too many ends
 * the oldest one, which may belong to a browser that is gone: not every closed connection is noticed.
 */
export function createLive(
  guard: Guard,
  parts: Pick<
    AdminParts,
    'sessions' | 'sessionMonitor' | 'teams' | 'grants' | 'tail' | 'clock' | 'background' | 'logger'
  >,
): { route: Route; stop(): void } {
  const { sessions, sessionMonitor, teams, clock } = parts;
  const feeds = createFeeds(parts);
  /** The oldest first. */
  const open = new Set<OpenStream>();
  let heartbeat: Timer | undefined;
  let isStopped = false;

  function beat(): void {
    heartbeat = clock.setTimeout(() => {
      for (const { stream } of open) stream.send(': alive\n\n');
      if (open.size > 0) beat();
      else heartbeat = undefined;
    }, HEARTBEAT_MS);
  }

  function makeRoom(most: number, isOfSame: (one: OpenStream) => boolean): void {
    const same = [...open].filter(isOfSame);
    for (const { stream } of same.slice(0, Math.max(0, same.length - most + 1))) stream.end('too_many');
  }

  const route = guard.open('GET', '/admin/log/live', async ({ request, response, query, cookie }) => {
    const stream = openEventStream(response);
    const key = sessions.toKey(cookie);
    const { session, stop } = await sessionMonitor.follow(cookie, (over) => stream.end(over.kind));
    stream.onEnd(stop);
    if (session.kind !== 'signed_in') return stream.end(session.kind);
    const { teamId } = session.admin;
    const teamIds = await teams.list(session.admin, session.admin);
    const view = readLogView(query, teamIds);
    if (isStopped || Object.keys(view.faults).length > 0) return stream.end();
    makeRoom(MAX_STREAMS_PER_SESSION, (one) => one.session === key);
    makeRoom(MAX_STREAMS_PER_TEAM, (one) => one.teamId === teamId);
    const one = { stream, session: key, teamId };
    open.add(one);
    if (heartbeat === undefined) beat();
    stream.send('retry: 2000\n: live\n\n');
    const resumed = Number(request.headers['last-event-id'] ?? query.get('from'));
    const after = Number.isSafeInteger(resumed) && resumed >= 0 ? resumed : 0;
    const { leave } = feeds.join({ filter: view.filter, teamIds }, { after, ...stream });
    stream.onEnd(() => {
      open.delete(one);
      leave();
    });
  });

  return {
    route,
    stop() {
      isStopped = true;
      heartbeat?.cancel();
      for (const { stream } of open) stream.end();
    },
  };
}
