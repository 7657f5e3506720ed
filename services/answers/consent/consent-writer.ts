import type { Catalog } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import { listGrantsFromStore } from '../../grants/store';
import type { Messenger } from '../../messages/messenger';
import type { Metrics } from '../../metrics/metrics';
import { exchangeCode, type OAuthClient, type OAuthConsent } from '../../oauth/oauth-access';
import { revokeTokenPair } from '../../oauth/revoke-token-pair';
import { toCatalogScopes } from '../../oauth/scope-names';
import { findUserToken, saveUserToken } from '../../oauth/user-store';
import type { Vault } from '../../oauth/vault';
import type { PermissionRequest } from '../../permissions/requests/store';
import { type Clock, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { StoreRetrier } from '../../runtime/retry-until-stored';
import { withTimeout } from '../../runtime/with-timeout';
import type { CallSlack } from '../../slack/web-api';
import type { Member } from '../../slack/workspace';
import type { GrantEvent } from '../event';
import { recordEvents } from '../record';
import type { ConsentOutcome } from './outcome';
import {
  type ConsentStamp,
  findUnrequestedScopes,
  isAsker,
  NOT_STORED,
  recordFailure,
  toConsentAnswer,
  toConsentEvents,
  toDenialEvent,
  WRONG_ACCOUNT,
} from './record';

/** How long a token that cannot be stored is kept in memory before it is revoked. */
const TOKEN_STORE_TIMEOUT_MS = 60_000;
/** How long to try to record an answer that granted nothing. */
const RECORD_TIMEOUT_MS = 60 * 60_000;
const NAME_TIMEOUT_MS = 2_000;

export interface ConsentWriterDependencies {
  database: Database;
  vault: Vault;
  callSlack: CallSlack;
  client: OAuthClient;
  redirectUri: string | undefined;
  catalog: Catalog;
  findUserName: Messenger['findUserName'];
  storeRetrier: StoreRetrier;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Called after a commit that left a message for a user. */
  onNotice: () => void;
}

/** Turns what a browser brought into an answer, and records it. Only `hasGrants` and `decline` throw. */
export function createConsentWriter(parts: ConsentWriterDependencies) {
  const { database, vault, callSlack, catalog, storeRetrier, clock, logger, metrics, onNotice } = parts;

  async function record(teamId: string, toEvents: (tx: Queryable) => Promise<GrantEvent[]>): Promise<void> {
    const { entries } = await database.transactTeams([teamId], async (tx) =>
      recordEvents(tx, await toEvents(tx), clock.now()),
    );
    metrics.logged(entries);
    onNotice();
  }

  /** Tries until it is stored, for `timeoutMs`; undefined where it could not be stored. */
  async function store<T>(
    { id, teamId }: PermissionRequest,
    failure: string,
    timeoutMs: number,
    write: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await storeRetrier.retry(write, timeoutMs);
    } catch (err) {
      logger.error({ request_id: id, team_id: teamId, err }, failure);
      return undefined;
    }
  }

  async function fail(request: PermissionRequest, error: string): Promise<ConsentOutcome> {
    const { id, teamId, triggerSource } = request;
    logger.warn({ request_id: id, team_id: teamId, error }, 'consent failed');
    const at = toIsoTime(clock.now());
    await store(request, 'the failure of a consent could not be recorded', RECORD_TIMEOUT_MS, async () => {
      await database.transactTeams([teamId], (tx) => recordFailure(tx, request, { error, at }));
      metrics.logged([{ event: 'failed', triggerSource }]);
      onNotice();
    });
    return { kind: 'failed', error, reference: id };
  }

  /** Whether the user granted something before. Slack has one token a user: revoking it would end all of that. */
  async function hasGrants(member: Member): Promise<boolean> {
    const { teamId, userId } = member;
    if ((await findUserToken(database.query, member)) !== undefined) return true;
    return (await listGrantsFromStore(database.query, { teamId, userId })).length > 0;
  }

  /** Tries twice. */
  async function revoke({ token }: OAuthConsent, { id, teamId }: PermissionRequest): Promise<void> {
    if (token === undefined) return;
    const attempt = async () => {
      const { error, refreshError } = await revokeTokenPair(callSlack, token);
      return error ?? refreshError;
    };
    const error = (await attempt()) && (await attempt());
    if (error === undefined) return;
    logger.error({ request_id: id, team_id: teamId, error }, 'an unused token could not be revoked');
  }

  /** The page is shown without the name where Slack does not answer. */
  async function findName(member: Member): Promise<string | undefined> {
    try {
      return await withTimeout(parts.findUserName(member), NAME_TIMEOUT_MS, clock);
    } catch (err) {
      logger.debug({ err }, 'a user name was not found');
      return undefined;
    }
  }

  /** Stores the asker's token, and records what it holds. */
  async function accept(
    request: PermissionRequest,
    consent: OAuthConsent,
    stamp: ConsentStamp,
  ): Promise<ConsentOutcome> {
    const { teamId, userId } = request;
    const held = toCatalogScopes(catalog, consent.scopes);
    const answer = toConsentAnswer(request, held);
    const { token } = consent;
    await record(teamId, async (tx) => {
      if (token !== undefined) {
        const place = { enterpriseId: request.enterpriseId ?? '', teamId, userId };
        await saveUserToken(tx, request, { cutoff: consent.time, ...vault.seal(place, token) });
      }
      const extra = held.filter((scope) => !request.scopes.includes(scope));
      return [
        ...toConsentEvents(request, answer, stamp),
        ...(await findUnrequestedScopes(tx, request, extra, stamp)),
      ];
    });
    logger.info({ request_id: request.id, team_id: teamId, ...answer }, 'consent answered');
    if (answer.granted.length === 0) return { kind: 'not_granted', scopes: answer.leftOut };
    return { kind: 'granted', ...answer };
  }

  /**
   * Another account answered. Its new token is revoked, unless that account had granted something before: revoking would
   * end those grants too. What Slack added to them is recorded instead.
   */
  async function rejectOtherAccount(
    request: PermissionRequest,
    consent: OAuthConsent,
    stamp: ConsentStamp,
  ): Promise<ConsentOutcome> {
    const { userId, enterpriseId, teamId = request.teamId } = consent;
    const other: Member = { teamId, enterpriseId, userId };
    const failure = 'the grants of another account could not be read or recorded';
    const keptOtherGrants = await store(request, failure, TOKEN_STORE_TIMEOUT_MS, () => hasGrants(other));
    if (keptOtherGrants) {
      const held = toCatalogScopes(catalog, consent.scopes);
      await store(request, failure, TOKEN_STORE_TIMEOUT_MS, () =>
        record(teamId, (tx) => findUnrequestedScopes(tx, other, held, stamp)),
      );
    } else if (keptOtherGrants === false) await revoke(consent, request);
    await fail(request, WRONG_ACCOUNT);
    const name = await findName(request);
    return {
      kind: 'wrong_account',
      userId: request.userId,
      keptOtherGrants: keptOtherGrants ?? true,
      ...(name !== undefined && { name }),
    };
  }

  return {
    fail,
    hasGrants,

    async deny(request: PermissionRequest, stamp: ConsentStamp): Promise<ConsentOutcome> {
      await store(request, 'a denial could not be recorded', RECORD_TIMEOUT_MS, () =>
        record(request.teamId, async () => [toDenialEvent(request, stamp)]),
      );
      return { kind: 'denied', scopes: request.scopes };
    },

    /** `hadGrants`: what `hasGrants` returned before the consent. */
    async exchange(
      request: PermissionRequest,
      { code, id, hadGrants }: { code: string; id: string; hadGrants: boolean },
    ): Promise<ConsentOutcome> {
      const { client, redirectUri } = parts;
      const result = await exchangeCode(callSlack, client, { code, redirectUri });
      if (!result.ok) return fail(request, result.error);
      const { consent } = result;
      const stamp = { id, time: consent.time };
      if (!isAsker(consent, request)) return rejectOtherAccount(request, consent, stamp);
      const outcome = await store(request, 'failed to store a consent', TOKEN_STORE_TIMEOUT_MS, () =>
        accept(request, consent, stamp),
      );
      if (outcome !== undefined) return outcome;
      // A user who had granted something before keeps the token: the next sync records what it holds.
      if (!hadGrants) await revoke(consent, request);
      return fail(request, NOT_STORED);
    },

    /** "Not now". `consume` uses up the request's states in the same transaction; undefined where none was left. */
    async decline(
      request: PermissionRequest,
      consume: (tx: Queryable) => Promise<string[] | undefined>,
    ): Promise<{ outcome: ConsentOutcome; viewIds: string[] } | undefined> {
      let viewIds: string[] | undefined;
      await record(request.teamId, async (tx) => {
        viewIds = await consume(tx);
        if (viewIds === undefined) return [];
        const time = Math.floor(clock.now() / 1_000);
        return [toDenialEvent(request, { id: `declined ${request.id} ${viewIds.join()}`, time })];
      });
      return viewIds && { outcome: { kind: 'denied', scopes: request.scopes }, viewIds };
    },
  };
}
