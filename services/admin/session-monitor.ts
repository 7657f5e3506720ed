import type { Background } from '../runtime/background';
import type { Clock, Timer } from '../runtime/clock';
import { repeatEvery } from '../runtime/interval';
import type { SessionState, Sessions } from './sessions';

/** Why a session is over. */
export type EndedSession = Exclude<SessionState, { kind: 'signed_in' }>;
type OnEnd = (ended: EndedSession) => void;

/** Reads the sessions from the database; `admin-check.ts` asks Slack less often. */
const CHECK_INTERVAL_MS = 1_000;

export type SessionMonitor = ReturnType<typeof createSessionMonitor>;

/**
 * Ends what outlasts a request, such as the live log, with the session of its reader: at once where the session was ended
 * here, within a second where another instance ended it or it ran out.
 */
export function createSessionMonitor(parts: {
  sessions: Pick<Sessions, 'toKey' | 'find' | 'onEnd'>;
  clock: Clock;
  background: Background;
}) {
  const { sessions, clock, background } = parts;
  const followed = new Map<string, { cookie: string; followers: Set<OnEnd> }>();
  let timer: Timer | undefined;

  // An open page is no gesture: a session must not outlast its reader because a browser is open.
  const find = (cookie: string) => sessions.find(cookie, { isGesture: false });

  const checkAll = background.coalesce('sessions of open pages', async () => {
    await Promise.all(
      [...followed].map(async ([key, { cookie, followers }]) => {
        const session = await find(cookie);
        if (session.kind === 'signed_in') return;
        const ended = [...followers];
        followers.clear();
        unfollowUnused(key);
        for (const onEnd of ended) onEnd(session);
      }),
    );
  });
  sessions.onEnd(checkAll);

  function unfollowUnused(key: string): void {
    if (followed.get(key)?.followers.size === 0) followed.delete(key);
    if (followed.size > 0) return;
    timer?.cancel();
    timer = undefined;
  }

  return {
    /** Returns the state of the session; calls `onEnd` once when it is over, unless `stop` was called before. */
    async follow(cookie: string | undefined, onEnd: OnEnd): Promise<{ session: SessionState; stop(): void }> {
      const key = sessions.toKey(cookie);
      if (cookie === undefined || key === undefined) return { session: { kind: 'none' }, stop() {} };
      // Followed before it is read, so that an end in between is not missed.
      const { followers } = followed.get(key) ?? { followers: new Set() };
      followed.set(key, { cookie, followers: followers.add(onEnd) });
      timer ??= repeatEvery(CHECK_INTERVAL_MS, clock, checkAll);
      function stop(): void {
        followers.delete(onEnd);
        if (key !== undefined) unfollowUnused(key);
      }
      try {
        const session = await find(cookie);
        if (session.kind !== 'signed_in') stop();
        return { session, stop };
      } catch (error) {
        stop();
        throw error;
      }
    },
  };
}
