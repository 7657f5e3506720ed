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

/** So long a token that has nowhere to go is kept in memory; then Slack revokes it. */
const TOKEN_PATIENCE_MS = 60_000;
/** So long the record is tried of what came to nothing. */
const RECORD_PATIENCE_MS = 60 * 60_000;

const NAME_PATIENCE_MS = 2_000;

/** Makes an answer of what a browser brought, and writes it. Nothing here throws but `decline` and `holdsSomething`. */
export type Answering = ReturnType<typeof createAnswering>;

export function createAnswering({
  database,
  vault,
  callSlack,
  client,
  redirectUri,
  catalog,
  findUserName,
  storing,
  clock,
  logger,
  metrics,
  onNotice,
}: {
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
  onNotice: () => void;
}) {
  async function record(
    teamId: string,
    write: (tx: Queryable) => ReturnType<typeof recordEvents>,
  ): Promise<void> {
    const { entries } = await database.transactTeams([teamId], write);
    metrics.logged(entries);
    onNotice();
  }

  async function fail(request: PermissionRequest, error: string): Promise<ConsentOutcome> {
    const { id, teamId, triggerSource } = request;
    const about = { request_id: id, team_id: teamId, error };
    logger.warn(about, 'a consent came to nothing');
    try {
      const at = toIsoTime(clock.now());
      await storing.store(
        () => database.transactTeams([teamId], (tx) => recordFailure(tx, request, { error, at })),
        RECORD_PATIENCE_MS,
      );
      metrics.logged([{ event: 'failed', triggerSource }]);
      onNotice();
    } catch (err) {
      logger.error({ ...about, err }, 'that a consent came to nothing could not be written');
    }
    return { kind: 'failed', error, reference: id };
  }

  /** Whether something is known that a revocation would take along: Slack has one token for a user, however often they consent. */
  async function holdsSomething(member: Member): Promise<boolean> {
    const { teamId, userId } = member;
    if ((await findUserToken(database.query, member)) !== undefined) return true;
    return (await listGrantRows(database.query, { teamId, userId })).length > 0;
  }

  async function revoke({ token }: Consent, request: PermissionRequest): Promise<void> {
    if (token === undefined) return;
    let { error, refreshError } = await revokePair(callSlack, token);
    if (error ?? refreshError) ({ error, refreshError } = await revokePair(callSlack, token));
    if ((error ?? refreshError) === undefined) return;
    const about = { request_id: request.id, team_id: request.teamId, error: error ?? refreshError };
    logger.error(about, 'a token that is not to be used could not be revoked');
  }

  /** A page without a name is better than none. */
  async function findName(member: Member): Promise<string | undefined> {
    try {
      return await inTime(findUserName(member), NAME_PATIENCE_MS, clock);
    } catch (err) {
      logger.debug({ err }, 'a name was not found');
      return undefined;
    }
  }

  /** Writes the token of whoever was asked, and what it holds. */
  async function store(request: PermissionRequest, consent: Consent, id: string): Promise<ConsentOutcome> {
    const { teamId, userId } = request;
    const held = toCatalogScopes(catalog, consent.scopes);
    const answer = toAnswer(request, held);
    const told = { id, time: consent.time };
    const { token } = consent;
    await record(teamId, async (tx) => {
      if (token !== undefined) {
        const place = { enterpriseId: request.enterpriseId ?? '', teamId, userId };
        await saveUserToken(tx, request, { mark: consent.time, ...vault.seal(place, token) });
      }
      const extra = held.filter((scope) => !request.scopes.includes(scope));
      return recordEvents(
        tx,
        [...toConsentEvents(request, answer, told), ...(await findNotRequested(tx, request, extra, told))],
        clock.now(),
      );
    });
    logger.info({ request_id: request.id, team_id: teamId, ...answer }, 'consent answered');
    if (answer.granted.length === 0) return { kind: 'not_granted', scopes: answer.leftOut };
    return { kind: 'granted', ...answer };
  }

  /**
   * Another account answered. What it has just handed out must not stay good, unless that is the token by which it had
   * granted something before: Slack would take all of that back. What Slack has added to it then is on the record.
   */
  async function refuseOther(
    request: PermissionRequest,
    consent: Consent,
    id: string,
  ): Promise<ConsentOutcome> {
    const other: Member = {
      teamId: consent.teamId ?? request.teamId,
      enterpriseId: consent.enterpriseId,
      userId: consent.userId,
    };
    let hasKept = true;
    try {
      hasKept = await storing.store(() => holdsSomething(other), TOKEN_PATIENCE_MS);
      if (hasKept) {
        const told = { id, time: consent.time };
        const held = toCatalogScopes(catalog, consent.scopes);
        await storing.store(
          () =>
            record(other.teamId, async (tx) =>
              recordEvents(tx, await findNotRequested(tx, other, held, told), clock.now()),
            ),
          TOKEN_PATIENCE_MS,
        );
      } else await revoke(consent, request);
    } catch (err) {
      logger.error(
        { request_id: request.id, err },
        'what another account holds could not be read or written',
      );
    }
    await fail(request, WRONG_ACCOUNT);
    const name = await findName(request);
    return { kind: 'wrong_account', userId: request.userId, hasKept, ...(name !== undefined && { name }) };
  }

  return {
    fail,
    holdsSomething,

    async deny(request: PermissionRequest, told: Told): Promise<ConsentOutcome> {
      try {
        await storing.store(
          () => record(request.teamId, (tx) => recordEvents(tx, [toDenialEvent(request, told)], clock.now())),
          RECORD_PATIENCE_MS,
        );
      } catch (err) {
        logger.error({ request_id: request.id, err }, 'a denial could not be written');
      }
      return { kind: 'denied', scopes: request.scopes };
    },

    /** `holdsSomething`: what was known of the user before. */
    async exchange(
      request: PermissionRequest,
      { code, id, holdsSomething }: { code: string; id: string; holdsSomething: boolean },
    ): Promise<ConsentOutcome> {
      const result = await exchangeCode(callSlack, client, { code, redirectUri });
      if (!result.ok) return fail(request, result.error);
      const { consent } = result;
      if (!isAsker(consent, request)) return refuseOther(request, consent, id);
      try {
        return await storing.store(() => store(request, consent, id), TOKEN_PATIENCE_MS);
      } catch (err) {
        logger.error({ request_id: request.id, err }, 'a consent could not be stored');
      }
      // Where the user had granted something before, the sync finds what the token holds now.
      if (!holdsSomething) await revoke(consent, request);
      return fail(request, NOT_STORED);
    },

    /** "Not now", in one transaction with what makes it the answer; undefined where that is not so. */
    async decline(
      request: PermissionRequest,
      take: (tx: Queryable) => Promise<string[] | undefined>,
    ): Promise<{ outcome: ConsentOutcome; viewIds: string[] } | undefined> {
      let taken: string[] | undefined;
      await record(request.teamId, async (tx) => {
        taken = await take(tx);
        const time = Math.floor(clock.now() / 1_000);
        const event = toDenialEvent(request, { id: `declined ${request.id} ${taken?.join()}`, time });
        return recordEvents(tx, taken === undefined ? [] : [event], clock.now());
      });
      return taken && { outcome: { kind: 'denied', scopes: request.scopes }, viewIds: taken };
    },
  };
}
