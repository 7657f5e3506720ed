import type { Clock } from '../clock';
import type { Database } from '../database/database';
import type { Logger } from '../logger';
import type { CallSlack } from '../slack-api';
import { exchangeRefreshToken, type OAuthClient } from './oauth-access';
import {
  deleteToken,
  findToken,
  releaseRefresh,
  replaceToken,
  type SealedToken,
  takeRefresh,
} from './token-store';
import type { Vault } from './vault';

/** A token is renewed when so little of its twelve hours is left; until it expires, the old one is as good. */
export const RENEWAL_MARGIN_MS = 2 * 60 * 60_000;
/** From here on the old one is not handed out: a call that takes it now may arrive too late. */
const LAST_MOMENT_MS = 5_000;
/** For how long one instance has the renewing to itself: longer than the call can take. */
const LEASE_MS = 40_000;
const LOOK_AGAIN_MS = 50;

/** What Slack says of a refresh token that will never do again. */
const FINAL_ERRORS = new Set(['invalid_refresh_token', 'token_revoked', 'account_inactive', 'invalid_grant']);

/** A token, or why there is none to use. */
export type FreshToken =
  | { is: 'good'; token: string }
  /** It was erased: nothing will renew it. */
  | { is: 'gone' }
  /** It has expired and could not be renewed now; later it can. `error` is as in `SlackAnswer`. */
  | { is: 'expired'; error: string };

/** Keeps tokens from expiring: one call to Slack for each, however many ask, in however many instances. */
export interface Renewal {
  /** Waits only where the old one has expired. */
  getFresh(sealed: SealedToken): Promise<FreshToken>;
  /** Resolves when no call is under way: an answer of Slack's that nobody saves takes the token with it. */
  settled(): Promise<void>;
}

/** What came of a renewal, whichever instance had it. */
type Renewed = { is: 'there'; sealed: SealedToken } | Exclude<FreshToken, { is: 'good' }>;

export function createRenewal({
  database,
  vault,
  callSlack,
  client,
  clock,
  logger,
}: {
  database: Database;
  vault: Vault;
  callSlack: CallSlack;
  client: OAuthClient;
  clock: Clock;
  logger: Logger;
}): Renewal {
  /** By the token that is to be renewed. */
  const underWay = new Map<string, Promise<Renewed>>();
  const exchanges = new Set<Promise<unknown>>();

  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));

  /** The call itself: only whoever has taken it upon itself gets here. */
  async function exchangeAndSave(old: SealedToken): Promise<Renewed> {
    const about = { team_id: old.place.teamId, user_id: old.place.userId };
    const { refreshToken } = vault.open(old);
    if (refreshToken === undefined) return { is: 'there', sealed: old };
    const result = await exchangeRefreshToken(callSlack, client, refreshToken);
    if (result.ok) {
      const next = vault.seal(old.place, result.token);
      // Slack took the old pair away with its answer: this must not be lost to a passing fault of the database.
      await database.transact((tx) => replaceToken(tx, old, next));
      logger.info(about, 'token renewed');
      return look(old);
    }
    const { error } = result;
    if (FINAL_ERRORS.has(error)) return giveUp(old, error);
    await database.transact((tx) => releaseRefresh(tx, old));
    logger.warn({ ...about, error }, 'a token could not be renewed now');
    return isExpired(old) ? { is: 'expired', error } : { is: 'there', sealed: old };
  }

  /** Slack refuses the refresh token. What it belongs to may be good for hours yet, in which an operator can act. */
  async function giveUp(old: SealedToken, error: string): Promise<Renewed> {
    const about = { team_id: old.place.teamId, user_id: old.place.userId, error };
    if (error === 'invalid_refresh_token' && !isExpired(old)) {
      await database.transact((tx) => replaceToken(tx, old, { ...old, refreshToken: undefined }));
      logger.error(about, 'a token cannot be renewed any more: it is used until it expires');
      return look(old);
    }
    await database.transact((tx) => deleteToken(tx, old));
    logger.error(about, 'a token cannot be renewed any more: it was erased');
    return { is: 'gone' };
  }

  const leftMs = ({ expiresAtMs = Number.POSITIVE_INFINITY }: SealedToken) => expiresAtMs - clock.now();
  const isExpired = (sealed: SealedToken) => leftMs(sealed) <= LAST_MOMENT_MS;

  async function look(old: SealedToken): Promise<Renewed> {
    const sealed = await findToken(database.query, old.place);
    return sealed === undefined ? { is: 'gone' } : { is: 'there', sealed };
  }

  async function exchangeWatched(old: SealedToken): Promise<Renewed> {
    const exchange = exchangeAndSave(old).finally(() => exchanges.delete(exchange));
    exchanges.add(exchange);
    return exchange;
  }

  async function renew(old: SealedToken): Promise<Renewed> {
    for (;;) {
      const now = clock.now();
      const lease = { now, until: now + LEASE_MS };
      if (await database.transact((tx) => takeRefresh(tx, old, lease))) return exchangeWatched(old);
      const current = await look(old);
      // Gone, or renewed by another instance.
      if (current.is !== 'there' || current.sealed.token !== old.token) return current;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  function renewOnce(old: SealedToken): Promise<Renewed> {
    const running = underWay.get(old.token);
    if (running !== undefined) return running;
    const begun = renew(old).finally(() => underWay.delete(old.token));
    underWay.set(old.token, begun);
    return begun;
  }

  const opened = new WeakMap<SealedToken, FreshToken>();

  function open(sealed: SealedToken): FreshToken {
    const token = opened.get(sealed) ?? { is: 'good', token: vault.open(sealed).token };
    opened.set(sealed, token);
    return token;
  }

  return {
    async getFresh(sealed) {
      if (sealed.refreshToken === undefined || leftMs(sealed) > RENEWAL_MARGIN_MS) return open(sealed);
      const renewed = renewOnce(sealed);
      if (!isExpired(sealed)) {
        renewed.catch((error: unknown) => logger.error({ err: error }, 'a token could not be renewed'));
        return open(sealed);
      }
      const current = await renewed;
      return current.is === 'there' ? open(current.sealed) : current;
    },

    async settled() {
      await Promise.allSettled(exchanges);
    },
  };
}
