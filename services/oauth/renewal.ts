import type { Database } from '../database/database';
import { type Metrics, noMetrics } from '../metrics/metrics';
import { type Clock, hasElapsed } from '../runtime/clock';
import { SecretError } from '../runtime/errors';
import type { Logger } from '../runtime/logger';
import { type Failure, toFailure } from '../slack/errors';
import type { CallSlack } from '../slack/web-api';
import { exchangeRefreshToken, type OAuthClient } from './oauth-access';
import {
  deleteToken,
  findToken,
  leaseRefresh,
  releaseRefresh,
  type SealedToken,
  toInstallationKey,
} from './token-store';
import { createUnsavedTokens } from './unsaved-tokens';
import type { Vault } from './vault';
import { recordInstallationEnd } from './workspace-store';

/** A token is renewed when this much of its twelve hours is left; until it expires, the old one works too. */
export const RENEWAL_MARGIN_MS = 2 * 60 * 60_000;
/** A token this close to its expiry is not handed out: the call that uses it may arrive too late. */
const EXPIRY_GUARD_MS = 5_000;
/** How long one instance holds the lease: longer than the call can take. */
const LEASE_MS = 40_000;
const POLL_INTERVAL_MS = 50;
/** How long a refresh token that Slack refused is not tried again. */
const REFUSAL_TTL_MS = 10 * 60_000;

/** A token, or why there is none to use. */
export type FreshToken =
  | { is: 'good'; token: string; refreshToken: string | undefined; sealed: SealedToken }
  /** It was deleted. */
  | { is: 'gone' }
  /** It cannot be used now, but may work later. The error is as in `SlackAnswer`, or `secret_unreadable`. */
  | { is: 'unusable'; failure: Failure };

interface FreshTokenOptions {
  /** Slack says that it has expired, whatever our clock says. */
  hasExpired?: boolean;
  isForRevocation?: boolean;
}

export type Renewal = ReturnType<typeof createRenewal>;

/** Renews tokens before they expire, with one call to Slack each, across all callers and instances. */
export function createRenewal({
  database,
  vault,
  callSlack,
  client,
  clock,
  logger,
  metrics = noMetrics,
}: {
  database: Database;
  vault: Vault;
  callSlack: CallSlack;
  client: OAuthClient;
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
}) {
  /** By the token that is to be renewed. */
  const renewals = new Map<string, Promise<FreshToken>>();
  const exchanges = new Set<Promise<unknown>>();
  const refused = new Map<string, { failure: Failure; untilMs: number }>();
  const unsaved = createUnsavedTokens({ database, clock, logger, metrics });

  const isPast = (untilMs: number, longestMs: number) => hasElapsed(untilMs, clock.now(), longestMs);
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));

  const leftMs = ({ expiresAtMs = Number.POSITIVE_INFINITY }: SealedToken) => expiresAtMs - clock.now();

  /** Each is decrypted once. */
  const opened = new WeakMap<SealedToken, FreshToken>();

  function open(sealed: SealedToken): FreshToken {
    const token = opened.get(sealed) ?? { is: 'good', ...vault.open(sealed), sealed };
    opened.set(sealed, token);
    return token;
  }

  async function reload({ key }: SealedToken): Promise<FreshToken> {
    const sealed = await findToken(database.query, key);
    return sealed === undefined ? { is: 'gone' } : open(sealed);
  }

  /** The call itself: only whoever has the lease gets here. */
  async function exchangeAndSave(old: SealedToken, refreshToken: string): Promise<FreshToken> {
    const about = { team_id: old.key.teamId, user_id: old.key.userId };
    const result = await exchangeRefreshToken(callSlack, client, refreshToken);
    if (result.ok) {
      const next = { ...old, ...vault.seal(old.key, result.token), refreshUntilMs: 0 };
      // Slack has ended the old pair: the new one must survive a fault of the database.
      const isSaved = await unsaved.save(old, next);
      logger.info(about, 'token renewed');
      return isSaved ? reload(old) : open(next);
    }
    const { error, cause } = result;
    if (cause === 'token_ended') {
      await database.transact(async (tx) => {
        const isErased = await deleteToken(tx, old);
        // Slack's event about the same end may come later, and not name the installation.
        if (isErased && old.key.userId === undefined)
          await recordInstallationEnd(tx, toInstallationKey(old.key), Math.floor(clock.now() / 1_000));
      });
      logger.error({ ...about, error }, 'slack revoked a token: deleted it');
      return { is: 'gone' };
    }
    if (cause === 'token_in_doubt') {
      refused.set(old.token, { failure: result, untilMs: clock.now() + REFUSAL_TTL_MS });
      logger.error(
        { ...about, error },
        'slack refuses to renew a token: using it until it expires. If this persists, install the app or grant the permissions again',
      );
    } else logger.warn({ ...about, error }, 'token not renewed: will retry');
    await database.transact((tx) => releaseRefresh(tx, old));
    return { is: 'unusable', failure: result };
  }

  function findRefusal(token: string): Failure | undefined {
    for (const [each, { untilMs }] of refused) if (isPast(untilMs, REFUSAL_TTL_MS)) refused.delete(each);
    return refused.get(token)?.failure;
  }

  async function renew(old: SealedToken): Promise<FreshToken> {
    const { refreshToken } = vault.open(old);
    if (refreshToken === undefined) return open(old);
    for (;;) {
      const lease = { now: clock.now(), leaseMs: LEASE_MS };
      if (await database.transact((tx) => leaseRefresh(tx, old, lease))) {
        const exchange = exchangeAndSave(old, refreshToken).finally(() => exchanges.delete(exchange));
        exchanges.add(exchange);
        return exchange;
      }
      const current = await reload(old);
      // Gone, or renewed by another instance.
      if (current.is !== 'good' || current.sealed.token !== old.token) return current;
      await sleep(POLL_INTERVAL_MS);
    }
  }

  function renewOnce(old: SealedToken): Promise<FreshToken> {
    const running = renewals.get(old.token);
    if (running !== undefined) return running;
    const failure = findRefusal(old.token);
    if (failure !== undefined) return Promise.resolve({ is: 'unusable', failure });
    const begun = renew(old).finally(() => renewals.delete(old.token));
    renewals.set(old.token, begun);
    return begun;
  }

  async function settled(): Promise<void> {
    await Promise.allSettled(exchanges);
  }

  async function getFresh(
    row: SealedToken,
    { hasExpired = false, isForRevocation = false }: FreshTokenOptions,
  ): Promise<FreshToken> {
    const sealed = unsaved.find(row) ?? row;
    const mayWait = hasExpired || leftMs(sealed) <= EXPIRY_GUARD_MS;
    const isUnderWay = renewals.has(sealed.token) || !isPast(sealed.refreshUntilMs, LEASE_MS);
    const isDue = mayWait || leftMs(sealed) <= RENEWAL_MARGIN_MS || (isForRevocation && isUnderWay);
    if (sealed.refreshToken === undefined || !isDue) return open(sealed);
    const renewed = renewOnce(sealed);
    if (!mayWait && !isForRevocation) {
      renewed.catch((error: unknown) => logger.error({ err: error }, 'failed to renew a token'));
      return open(sealed);
    }
    const current = await renewed;
    // Slack refused, so no new pair exists. After any other fault one may: its answer can be lost.
    if (!mayWait && current.is === 'unusable' && current.failure.cause === 'token_in_doubt')
      return open(sealed);
    return current;
  }

  return {
    /**
     * Waits only where the old one has expired; with `isForRevocation` also for a renewal that is due or under way, since
     * whoever revokes the old pair meanwhile would leave a new one living.
     */
    async getFresh(sealed: SealedToken, options: FreshTokenOptions = {}): Promise<FreshToken> {
      try {
        return await getFresh(sealed, options);
      } catch (error) {
        if (!(error instanceof SecretError)) throw error;
        const { teamId, userId } = sealed.key;
        logger.error({ err: error, team_id: teamId, user_id: userId }, 'failed to decrypt a stored token');
        return { is: 'unusable', failure: toFailure(error.code) };
      }
    },

    /** Resolves when no call to Slack is under way. */
    settled,
    /** Waits for the calls, and stores their tokens if the database allows it. */
    async close(): Promise<void> {
      await settled();
      await unsaved.close();
    },
  };
}
