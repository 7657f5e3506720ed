import { type InstallURLOptions, InvalidStateError, type StateStore } from '@slack/oauth';
import type { Database } from '../database/database';
import { type Clock, toIsoTime } from '../runtime/clock';
import { createRandomSecret } from '../runtime/secrets/secret';
import type { Signer } from '../runtime/secrets/signer';
import { checkState, insertUsedInstallState, STATE_TTL_MS } from './states';

/** `foreign`: it was not signed here. */
export type InstallStateCheck = 'live' | 'used' | 'expired' | 'foreign';

export type InstallStates = ReturnType<typeof createInstallStates>;

/**
 * The `state` of installations: Slack's `StateStore`, and a check that does not use it up. It carries its own expiry and
 * signature, so that opening the address writes nothing; only its use is stored.
 */
export function createInstallStates({
  database,
  clock,
  signer,
  options,
}: {
  database: Database;
  clock: Clock;
  signer: Signer;
  /** The same for every installation. */
  options: InstallURLOptions;
}) {
  /** ms; undefined where it was not signed here. */
  function readExpiry(state: string): number | undefined {
    const [, signed = '', expiry = '', signature = ''] =
      /^([\w-]{43}\.([0-9a-z]{1,10}))\.([\w-]{43})$/.exec(state) ?? [];
    return signer.isSigned('install state', signed, signature) ? Number.parseInt(expiry, 36) : undefined;
  }

  async function check(state: string): Promise<InstallStateCheck> {
    const expiresAtMs = readExpiry(state);
    if (expiresAtMs === undefined) return 'foreign';
    const now = clock.now();
    if ((await checkState(database.query, state, now)).is === 'used') return 'used';
    return expiresAtMs <= now ? 'expired' : 'live';
  }

  /** True for the one caller that used it. */
  async function consume(state: string): Promise<boolean> {
    const expiresAtMs = readExpiry(state) ?? 0;
    const now = clock.now();
    if (expiresAtMs <= now) return false;
    return database.transact((tx) => insertUsedInstallState(tx, state, { expiresAtMs, at: toIsoTime(now) }));
  }

  const store: StateStore = {
    async generateStateParam() {
      const signed = `${createRandomSecret()}.${(clock.now() + STATE_TTL_MS).toString(36)}`;
      return `${signed}.${signer.sign('install state', signed)}`;
    },
    async verifyStateParam(_now, state) {
      if (!(await consume(state))) throw new InvalidStateError('The state is invalid, used or expired.');
      return options;
    },
  };

  return { options, check, consume, store };
}
