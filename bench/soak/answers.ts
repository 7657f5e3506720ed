import { setTimeout as sleep } from 'node:timers/promises';
import { TEAM } from '../events/body';
import type { Poster } from './post';
import type { Shown } from './slack';

const GRANTED_SHARE = 0.8;
const DENIED_SHARE = 0.1;
/** Events that Slack sends again though they were acknowledged. */
const REPEATED_SHARE = 0.02;
const DECIDES_MS = { from: 50, to: 2_000 };
/** Slack sends again what was not acknowledged: at once, and twice later. Here the pauses are short. */
const PAUSES_MS = [0, 1_000, 5_000];

/** What people decide in the prompts, and the events of it. */
export interface Answers {
  /** Somebody looks at a prompt, and decides after a while, or never. */
  decide(shown: Shown): void;
  /** The events that the app acknowledged. */
  acknowledged: ReadonlySet<string>;
  /** That it never did. */
  lost: ReadonlySet<string>;
  tookMs: readonly number[];
  repeated(): number;
  settled(): Promise<void>;
}

export function createAnswers(getPoster: () => Poster, random: () => number): Answers {
  const acknowledged = new Set<string>();
  const lost = new Set<string>();
  const tookMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  let [sent, repeated] = [0, 0];

  async function send(body: string): Promise<boolean> {
    for (const pauseMs of PAUSES_MS) {
      if (pauseMs > 0) await sleep(pauseMs);
      const answer = await getPoster().post(body, 'json');
      tookMs.push(answer.tookMs);
      if (answer.status === 200) return true;
    }
    return false;
  }

  async function answer({ userId, triggerId, scopes }: Shown, type: string): Promise<void> {
    await sleep(DECIDES_MS.from + random() * (DECIDES_MS.to - DECIDES_MS.from));
    sent += 1;
    const id = `Ev0${sent.toString(36).toUpperCase().padStart(8, '0')}`;
    const body = toBody({ id, type, userId, triggerId, scopes });
    const isAcknowledged = await send(body);
    (isAcknowledged ? acknowledged : lost).add(id);
    if (!isAcknowledged || random() >= REPEATED_SHARE) return;
    repeated += 1;
    await send(body);
  }

  return {
    decide(shown) {
      const share = random();
      if (share >= GRANTED_SHARE + DENIED_SHARE) return;
      const type = share < GRANTED_SHARE ? 'user_resource_granted' : 'user_resource_denied';
      const promise = answer(shown, type).finally(() => underWay.delete(promise));
      underWay.add(promise);
    },
    acknowledged,
    lost,
    tookMs,
    repeated: () => repeated,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

function toBody({ id, type, userId, triggerId, scopes }: Shown & { id: string; type: string }): string {
  return JSON.stringify({
    token: 'z26uFbvR1xHJEdHE1OQiO6t8',
    team_id: TEAM,
    api_app_id: 'A0BENCH',
    event: { type, user: userId, scopes, trigger_id: triggerId },
    type: 'event_callback',
    event_id: id,
    event_time: Math.floor(Date.now() / 1_000),
    authorizations: [
      { enterprise_id: null, team_id: TEAM, user_id: 'U0BOT', is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  });
}
