import { randomBytes, randomInt } from 'node:crypto';
import type { SandboxClock } from '../types';

const UPPERCASE_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

export type Ids = ReturnType<typeof createIds>;

/**
 * Ids in Slack's shapes. Those that an app stores (event ids, triggers) are random: an app that keeps its database
 * over a restart of the sandbox would otherwise take new events for old ones.
 */
export function createIds({ clock }: { clock: SandboxClock }) {
  let lastMicros = 0;

  /** Unique and growing, also when the clock stands still. */
  function nextTs(): string {
    lastMicros = Math.max(lastMicros + 1, Math.floor(clock.now() * 1000));
    const seconds = Math.floor(lastMicros / 1_000_000);
    return `${seconds}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
  }

  return {
    nextTs,
    prefixed: (prefix: string) => prefix + randomText(9),
    trigger: () => `${randomInt(1e10, 1e11)}.6048553856.${randomBytes(16).toString('hex')}`,
    hash: () => `${Math.floor(clock.now() / 1000)}.${randomBytes(4).toString('hex')}`,
    /** As OAuth's codes look. */
    code: () => `${randomInt(1e10, 1e11)}.${randomInt(1e10, 1e11)}.${randomBytes(32).toString('hex')}`,
    secret: () => randomBytes(18).toString('base64url'),
    short: () => randomBytes(3).toString('base64url'),
  };
}

function randomText(length: number): string {
  return Array.from(
    { length },
    () => UPPERCASE_AND_DIGITS[randomInt(UPPERCASE_AND_DIGITS.length)] ?? '',
  ).join('');
}
