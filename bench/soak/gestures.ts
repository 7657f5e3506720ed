import { TEAM } from '../events/body';
import type { Answer, Poster } from './post';
import type { SoakSlack } from './slack';

const SCOPES = ['dnd:write:user', 'reminders:write:user', 'users.profile:write:user', 'stars:write:user'];

/** Of all gestures, in the order of `toGesture`. */
const SHARES = { new: 0.5, again: 0.2, status: 0.15, overview: 0.075 };

/** Slack is not called twice for what somebody asks again before the first time is recorded: the prompt of that is the answer. */
const SAME_ASK_MS = 1_000;

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

export interface Gestures {
  /** Somebody does something. */
  make(): void;
  made(): number;
  byKind: ReadonlyMap<string, number>;
  tookMs: readonly number[];
  /** Gestures of which nothing came: no 200 in time, or neither a prompt nor a form nor a word. */
  countLost(): number;
  settled(): Promise<void>;
}

/** New users who ask, users who ask again, look at what they have given, at what there is, and open the form. */
export function createGestures({
  poster,
  slack,
  random,
}: {
  poster: Poster;
  slack: SoakSlack;
  random: () => number;
}): Gestures {
  const byKind = new Map<string, number>();
  const tookMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  /** To which only a prompt, a form or a message is an answer. */
  const expecting: string[] = [];
  /** By who asked for what: the last time, and the prompt that came of it. */
  const lastAsks = new Map<string, { at: number; triggerId: string }>();
  let [users, made, lost] = [0, 0, 0];

  /** Whose prompt is the answer: where the same was asked a moment before, that one's. */
  function toAnswering(key: string, triggerId: string): string {
    const at = performance.now();
    const last = lastAsks.get(key);
    if (last !== undefined && at - last.at < SAME_ASK_MS) return last.triggerId;
    lastAsks.set(key, { at, triggerId });
    return triggerId;
  }

  const someUser = () => toUserId(1 + Math.floor(random() * Math.max(1, users)));

  function toGesture(): { kind: string; userId: string; text: string } {
    const share = random();
    if (share < SHARES.new || users === 0) {
      users += 1;
      return { kind: 'new user asks', userId: toUserId(users), text: `request ${SCOPES[0]}` };
    }
    if (share < SHARES.new + SHARES.again) {
      const scope = SCOPES[Math.floor(random() * SCOPES.length)];
      return { kind: 'user asks again', userId: someUser(), text: `request ${scope}` };
    }
    if (share < SHARES.new + SHARES.again + SHARES.status)
      return { kind: 'status', userId: someUser(), text: 'status' };
    if (share < SHARES.new + SHARES.again + SHARES.status + SHARES.overview)
      return { kind: 'overview', userId: someUser(), text: '' };
    return { kind: 'form', userId: someUser(), text: 'form' };
  }

  async function send(): Promise<void> {
    const { kind, userId, text } = toGesture();
    byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    const { triggerId, responseUrl } = slack.mint(userId);
    const body = form({
      token: 'z26uFbvR1xHJEdHE1OQiO6t8',
      team_id: TEAM,
      team_domain: 'bench',
      channel_id: 'C0BENCH',
      channel_name: 'general',
      user_id: userId,
      user_name: userId.toLowerCase(),
      command: '/permissions',
      text,
      api_app_id: 'A0BENCH',
      is_enterprise_install: 'false',
      response_url: responseUrl,
      trigger_id: triggerId,
    });
    const answering = toAnswering(`${userId} ${text}`, triggerId);
    judge(await poster.post(body, 'form'), answering);
  }

  function judge({ status, text, tookMs: ms }: Answer, triggerId: string): void {
    tookMs.push(ms);
    if (status !== 200) lost += 1;
    else if (text === '') expecting.push(triggerId);
  }

  return {
    make() {
      made += 1;
      const promise = send().finally(() => underWay.delete(promise));
      underWay.add(promise);
    },
    made: () => made,
    byKind,
    tookMs,
    countLost: () => lost + expecting.filter((triggerId) => !slack.isAnswered(triggerId)).length,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function toUserId(number: number): string {
  return `U0${number.toString(36).toUpperCase().padStart(8, '0')}`;
}
