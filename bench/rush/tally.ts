import type { ApiCall } from '@scopekeeper/slack-sandbox';
import { createRateLimit } from '@scopekeeper/slack-sandbox/rate-limit';
import { round } from '../numbers';

export const PER_MINUTE = 20;
const MINUTE_MS = 60_000;
const TRIGGER_TTL_MS = 3_000;

/** What Slack saw of a rush. */
export interface Tally {
  prompts: number;
  calls: number;
  refused: number;
  on_dead_triggers: number;
  while_retry_after_ran: number;
  /** They left before the word of a 429 was out: no app can know. */
  under_way_at_a_429: number;
  last_prompt_s: number;
  best_s: number;
  to_best: number;
}

/** From the first call on `beganAt`; each is answered `latencyMs` after it came. */
export function tally(
  calls: readonly ApiCall[],
  { beganAt, latencyMs, users }: { beganAt: number; latencyMs: number; users: number },
): Tally {
  // Slack's own limit, once more: a call does not keep the Retry-After that it got.
  let now = 0;
  const limit = createRateLimit({ clock: { now: () => now, setTimeout: () => ({ cancel() {} }) } });
  const shown = new Map<string, number>();
  let [refused, dead, whileRunning, underWay] = [0, 0, 0, 0];
  const pauses: { from: number; heardAt: number; until: number }[] = [];
  for (const call of calls) {
    now = call.at;
    if (pauses.some(({ heardAt, until }) => now > heardAt && now < until)) whileRunning += 1;
    else if (pauses.some(({ from, heardAt }) => now >= from && now <= heardAt)) underWay += 1;
    const retryAfterS = limit.take('', PER_MINUTE);
    if (retryAfterS !== undefined) {
      refused += 1;
      pauses.push({ from: now, heardAt: now + latencyMs, until: now + retryAfterS * 1_000 });
    }
    if ((call.triggerAgeMs ?? 0) > TRIGGER_TTL_MS) dead += 1;
    const user = call.args.user ?? '';
    const isShown = call.status === 200 && isOk(call.answer);
    if (isShown && !shown.has(user)) shown.set(user, now);
  }
  const lastMs = Math.max(beganAt, ...shown.values()) - beganAt;
  const bestMs = Math.max(0, users - PER_MINUTE) * (MINUTE_MS / PER_MINUTE);
  return {
    prompts: shown.size,
    calls: calls.length,
    refused,
    on_dead_triggers: dead,
    while_retry_after_ran: whileRunning,
    under_way_at_a_429: underWay,
    last_prompt_s: round(lastMs / 1_000, 1),
    best_s: round(bestMs / 1_000, 1),
    to_best: round(lastMs / bestMs, 3),
  };
}

function isOk(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true;
}
