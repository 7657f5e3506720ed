import type { Catalog } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import { listGrantRows } from '../../grants/store';
import type { FindUserName } from '../../messages/user-names';
import type { Metrics } from '../../metrics/metrics';
import { type Consent, exchangeCode, type OAuthClient } from '../../oauth/oauth-access';
import { revokePair } from '../../oauth/revoke-pair';
import { toCatalogScopes } from '../../oauth/scope-names';
import { findUserToken, saveUserToken } from '../../oauth/user-store';
import type { Vault } from '../../oauth/vault';
import type { PermissionRequest } from '../../permissions/requests/store';
import { type Clock, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { Storing } from '../../runtime/retry-until-stored';
import { inTime } from '../../runtime/with-timeout';
import type { CallSlack } from '../../slack/web-api';
import type { Member } from '../../slack/workspace';
import type { GrantEvent } from '../event';
import { recordEvents } from '../record';
import type { ConsentOutcome } from './outcome';
import {
  findNotRequested,
  isAsker,
  NOT_STORED,
  recordFailure,
  type Told,
  toAnswer,
  toConsentEvents,
  toDenialEvent,
  WRONG_ACCOUNT,
} from './record';

/** How long a token that cannot be stored is kept in memory before it is revoked. */
const TOKEN_PATIENCE_MS = 60_000;
/** How long to try to record an answer that granted nothing. */
const RECORD_PATIENCE_MS = 60 * 60_000;
const NAME_PATIENCE_MS = 2_000;

export interface AnsweringParts {
  database: Database;
  vault: Vault;
  callSlack: CallSlack;
  client: OAuthClient;
  redirectUri: string | undefined;
  catalog: Catalog;
  findUserName: FindUserName;
  storing: Storing;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Called after a commit that left a message for a user. */
  onNotice: () => void;
}

/** Turns what a browser brought into an answer, and records it. Only `holdsSomething` and `decline` throw. */
export function createAnswering(parts: AnsweringParts) {
  const { database, vault, callSlack, catalog, storing, clock, logger, metrics, onNotice } = parts;

  async function record(teamId: string, toEvents: (tx: Queryable) => Promise<GrantEvent[]>): Promise<void> {
    const { entries } = await database.transactTeams([teamId], async (tx) =>
      recordEvents(tx, await toEvents(tx), clock.now()),
    );
    metrics.logged(entries);
    onNotice();
  }

  /** Tries until it is stored, for `patienceMs`; undefined where it could not be stored. */
  async function store<T>(
    { id, teamId }: PermissionRequest,
    failure: string,
    patienceMs: number,
    write: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await storing.store(write, patienceMs);
    } catch (err) {
      logger.error({ request_id: id, team_id: teamId, err }, failure);
      return undefined;
    }
  }

  async function fail(request: PermissionRequest, error: string): Promise<ConsentOutcome> {
    const { id, teamId, triggerSource } = request;
    logger.warn({ request_id: id, team_id: teamId, error }, 'consent failed');
    const at = toIsoTime(clock.now());
    await store(request, 'the failure of a consent could not be recorded', RECORD_PATIENCE_MS, async () => {
      await database.transactTeams([teamId], (tx) => recordFailure(tx, request, { error, at }));
      metrics.logged([{ event: 'failed', triggerSource }]);
      onNotice();
    });
    return { kind: 'failed', error, reference: id };
  }

  /** Whether the user granted something before. Slack has one token a user: revoking it would end all of that. */
  async function holdsSomething(member: Member): Promise<boolean> {
    const { teamId, userId } = member;
    if ((await findUserToken(database.query, member)) !== undefined) return true;
    return (await listGrantRows(database.query, { teamId, userId })).length > 0;
  }

  async function revoke({ token }: Consent, { id, teamId }: PermissionRequest): Promise<void> {
    if (token === undefined) return;
    let error: string | undefined;
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const revoked = await revokePair(callSlack, token);
      error = revoked.error ?? revoked.refreshError;
      if (error === undefined) return;
    }
    logger.error({ request_id: id, team_id: teamId, error }, 'an unused token could not be revoked');
  }

  /** The page is shown without the name where Slack does not answer. */
  async function findName(member: Member): Promise<string | undefined> {
    try {
      return await inTime(parts.findUserName(member), NAME_PATIENCE_MS, clock);
    } catch (err) {
      logger.debug({ err }, 'a user name was not found');
      return undefined;
    }
  }

  /** Stores the asker's token, and records what it holds. */
  async function accept(request: PermissionRequest, consent: Consent, told: Told): Promise<ConsentOutcome> {
    const { teamId, userId } = request;
    const held = toCatalogScopes(catalog, consent.scopes);
    const answer = toAnswer(request, held);
    const { token } = consent;
    await record(teamId, async (tx) => {
      if (token !== undefined) {
        const place = { enterpriseId: request.enterpriseId ?? '', teamId, userId };
        await saveUserToken(tx, request, { mark: consent.time, ...vault.seal(place, token) });
      }
      const extra = held.filter((scope) => !request.scopes.includes(scope));
      return [
        ...toConsentEvents(request, answer, told),
        ...(await findNotRequested(tx, request, extra, told)),
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
  async function refuseOther(
    request: PermissionRequest,
    consent: Consent,
    told: Told,
  ): Promise<ConsentOutcome> {
    const { userId, enterpriseId, teamId = request.teamId } = consent;
    const other: Member = { teamId, enterpriseId, userId };
    const failure = 'the grants of another account could not be read or recorded';
    const hasKept = await store(request, failure, TOKEN_PATIENCE_MS, () => holdsSomething(other));
    if (hasKept) {
      const held = toCatalogScopes(catalog, consent.scopes);
      await store(request, failure, TOKEN_PATIENCE_MS, () =>
        record(teamId, (tx) => findNotRequested(tx, other, held, told)),
      );
    } else if (hasKept === false) await revoke(consent, request);
    await fail(request, WRONG_ACCOUNT);
    const name = await findName(request);
    return {
      kind: 'wrong_account',
      userId: request.userId,
      hasKept: hasKept ?? true,
      ...(name !== undefined && { name }),
    };
  }

  return {
    fail,
    holdsSomething,

    async deny(request: PermissionRequest, told: Told): Promise<ConsentOutcome> {
      await store(request, 'a denial could not be recorded', RECORD_PATIENCE_MS, () =>
        record(request.teamId, async () => [toDenialEvent(request, told)]),
      );
      return { kind: 'denied', scopes: request.scopes };
    },

    /** `heldSomething`: what `holdsSomething` returned before the consent. */
    async exchange(
      request: PermissionRequest,
      { code, id, heldSomething }: { code: string; id: string; heldSomething: boolean },
    ): Promise<ConsentOutcome> {
      const { client, redirectUri } = parts;
      const result = await exchangeCode(callSlack, client, { code, redirectUri });
      if (!result.ok) return fail(request, result.error);
      const { consent } = result;
      const told = { id, time: consent.time };
      if (!isAsker(consent, request)) return refuseOther(request, consent, told);
      const outcome = await store(request, 'a consent could not be stored', TOKEN_PATIENCE_MS, () =>
        accept(request, consent, told),
      );
      if (outcome !== undefined) return outcome;
      // A user who had granted something before keeps the token: the next sync records what it holds.
      if (!heldSomething) await revoke(consent, request);
      return fail(request, NOT_STORED);
    },

    /** "Not now". `take` uses up the request's states in the same transaction; undefined where none was left. */
    async decline(
      request: PermissionRequest,
      take: (tx: Queryable) => Promise<string[] | undefined>,
    ): Promise<{ outcome: ConsentOutcome; viewIds: string[] } | undefined> {
      let viewIds: string[] | undefined;
      await record(request.teamId, async (tx) => {
        viewIds = await take(tx);
        if (viewIds === undefined) return [];
        const time = Math.floor(clock.now() / 1_000);
        return [toDenialEvent(request, { id: `declined ${request.id} ${viewIds.join()}`, time })];
      });
      return viewIds && { outcome: { kind: 'denied', scopes: request.scopes }, viewIds };
    },
  };
}
