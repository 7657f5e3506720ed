import type { Background } from '../runtime/background';
import type { Clock, Timer } from '../runtime/clock';
import type { SessionState, Sessions } from './sessions';

/** How a session stands that is over, or of which nobody knows any more. */
export type EndedSession = Exclude<SessionState, { kind: 'signed_in' }>;

/**
 * For what goes on for longer than a request: it ends with the session of its reader. At once where that was ended here,
 * within a second where another instance ended it.
 */
export interface SessionMonitor {
  /** Answers with how the session stands. From then on `onEnd` is called once, when it is over. */
  follow(
    cookie: string | undefined,
    onEnd: (over: EndedSession) => void,
  ): Promise<{ session: SessionState; stop(): void }>;
}

/** Reads the session. Whether somebody is an admin still is asked of Slack less often (`rights.ts`). */
const CHECK_INTERVAL_MS = 1_000;

interface Followed {
  cookie: string;
  followers: Set<(over: EndedSession) => void>;
  timer?: Timer;
}

/** Looks once for all that goes on under the same session. */
export function createSessionMonitor({
  sessions,
  clock,
  background,
}: {
  sessions: Pick<Sessions, 'toKey' | 'find' | 'onEnd'>;
  clock: Clock;
  background: Background;
}): SessionMonitor {
  const followed = new Map<string, Followed>();

  // An open page is no gesture: a session ends when its reader has gone, not when the browser has.
  const find = (cookie: string) => sessions.find(cookie, { isGesture: false });

  async function checkSession(key: string, one: Followed): Promise<void> {
    let againMs = CHECK_INTERVAL_MS;
    try {
      const session = await find(one.cookie);
      if (session.kind === 'signed_in') againMs = Math.min(againMs, session.endsAtMs - clock.now());
      else end(key, one, session);
    } finally {
      scheduleCheck(key, one, Math.max(1, againMs));
    }
  }

  function scheduleCheck(key: string, one: Followed, delayMs: number): void {
    one.timer?.cancel();
    if (followed.get(key) !== one) return;
    one.timer = clock.setTimeout(() => checkNow(key), delayMs);
  }

  function checkNow(key: string): void {
    const one = followed.get(key);
    if (one !== undefined) background.run('session of an open page', () => checkSession(key, one));
  }

  function end(key: string, one: Followed, endedSession: EndedSession): void {
    if (followed.get(key) === one) followed.delete(key);
    const followers = [...one.followers];
    one.followers.clear();
    for (const onEnd of followers) onEnd(endedSession);
  }

  sessions.onEnd(checkNow);

  return {
    async follow(cookie, onEnd) {
      const key = sessions.toKey(cookie);
      if (cookie === undefined || key === undefined) return { session: { kind: 'none' }, stop() {} };
      // Before it is looked for: that it ends meanwhile must not be missed.
      const one = followed.get(key) ?? { cookie, followers: new Set() };
      followed.set(key, one);
      one.followers.add(onEnd);
      function stop(): void {
        one.followers.delete(onEnd);
        if (one.followers.size > 0 || key === undefined || followed.get(key) !== one) return;
        followed.delete(key);
        one.timer?.cancel();
      }
      try {
        const session = await find(cookie);
        if (session.kind !== 'signed_in') stop();
        else if (one.timer === undefined) {
          scheduleCheck(key, one, Math.min(CHECK_INTERVAL_MS, session.endsAtMs - clock.now()));
        }
        return { session, stop };
      } catch (error) {
        stop();
        throw error;
      }
    },
  };
}
