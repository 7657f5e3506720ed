import type { Person, Sandbox } from '@scopekeeper/slack-sandbox';
import { createRandom } from '../numbers';

const SEED = 7;
/** Most press within seconds, some only after a while. */
const QUICK_SHARE = 0.8;
const QUICK_MS = { from: 1_000, to: 5_000 };
const SLOW_MS = { from: 5_000, to: 20_000 };

/** One who takes part in the rush. */
export interface Rusher {
  person: Person;
  /** How long they take to press "Continue" once they see it. */
  pressAfterMs: number;
}

/** More people than the sandbox has of itself: it looks them up where the driver can see them. */
export function addRushers(slack: Sandbox, count: number): Rusher[] {
  const random = createRandom(SEED);
  const between = ({ from, to }: { from: number; to: number }) => from + random() * (to - from);
  return Array.from({ length: count }, (_, index) => {
    const name = `rush${index + 1}`;
    const id = `U0RUSH${index + 1}`;
    slack.users.push({ id, name, realName: name, isAdmin: false, isOwner: false, isBot: false });
    const pressAfterMs = Math.round(between(random() < QUICK_SHARE ? QUICK_MS : SLOW_MS));
    return { person: slack.as(id), pressAfterMs };
  });
}
