import type { Catalog } from '../catalog';
import { type Clock, toIsoTime } from '../clock';
import type { Database } from '../database/database';
import { recordEvents } from '../grants/record-events';
import { type Consent, exchangeCode, type OAuthClient } from '../installations/oauth-access';
import {
  type ConsentState,
  checkState,
  takeState,
  takeStatesOfRequest,
  toStateHash,
} from '../installations/states';
import { saveUserToken } from '../installations/user-store';
import type { Vault } from '../installations/vault';
import type { Logger } from '../logger';
import type { Metrics } from '../metrics/metrics';
import { type InFlight, toRequestKey } from '../requests/in-flight';
import { findRequest, type PermissionRequest } from '../requests/store';
import type { CallSlack } from '../slack-api';
import type { Member } from '../workspace';
import { type Answer, isAsker, recordFailure, toAnswer, toEvents, WRONG_ACCOUNT } from './record';
import { toCatalogScopes } from './scope-names';

/** What became of a consent. Each is something that the browser and the modal show. */
export type ConsentOutcome =
  /** Slack holds what is `granted`; `denied` was asked too, and left out by the user. */
  | ({ kind: 'granted' } & Answer)
  /** Nothing of it: "Not now", or refused on Slack's page. */
  | { kind: 'denied'; scopes: string[] }
  /** Another account or another workspace consented. Its token was revoked; nothing was stored. */
  | { kind: 'wrong_account'; userId: string }
  /** Nothing came of it; the request's id is the reference. */
  | { kind: 'failed'; error: string; reference: string };

export type CallbackResult =
  | ConsentOutcome
  /** The `state` is not good (any more). Nothing was done. */
  | { kind: 'not_valid'; why: 'unknown' | 'used' | 'expired' };

/** What Slack's redirect brings. */
export interface Callback {
  state: string;
  code: string | undefined;
  error: string | undefined;
}

/** Takes the answers that users give to the `oauth` backend. */
export interface Consents {
  /** Slack's redirect. The `state` is looked at first, for a consent as for a refusal, and is good for one use. */
  finish(callback: Callback): Promise<CallbackResult>;
  /** "Not now". Undefined where the request is another's, or was answered. */
  decline(member: Member, requestId: string): Promise<ConsentOutcome | undefined>;
}

export function createConsents({
  database,
  vault,
  callSlack,
  client,
  redirectUri,
  catalog,
  inFlight,
  clock,
  logger,
  metrics,
  onNotice,
  onOutcome,
}: {
  database: Database;
  vault: Vault;
  callSlack: CallSlack;
  client: OAuthClient;
  redirectUri: string | undefined;
  catalog: Catalog;
  inFlight: InFlight;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Called after a commit that left something to tell a user. */
  onNotice: () => void;
  /** For the modals that are still open. */
  onOutcome: (member: Member, viewId: string, outcome: ConsentOutcome) => void;
}): Consents {
  const now = () => ({ now: clock.now(), at: toIsoTime(clock.now()) });
  const slackTime = () => Math.floor(clock.now() / 1_000);

  async function record(
    request: PermissionRequest,
    answer: Answer,
    { id, time, consent }: { id: string; time: number; consent?: Consent },
  ): Promise<ConsentOutcome> {
    const { entries } = await database.transactTeams([request.teamId], async (tx) => {
      if (consent !== undefined) {
        const place = {
          enterpriseId: request.enterpriseId ?? '',
          teamId: request.teamId,
          userId: request.userId,
        };
        await saveUserToken(tx, request, { mark: time, ...vault.seal(place, consent) });
      }
      return recordEvents(tx, toEvents(request, answer, { id, time }), clock.now());
    });
    metrics.logged(entries);
    onNotice();
    const { granted, denied } = answer;
    logger.info({ request_id: request.id, team_id: request.teamId, granted, denied }, 'consent answered');
    return granted.length === 0 ? { kind: 'denied', scopes: denied } : { kind: 'granted', granted, denied };
  }

  async function fail(request: PermissionRequest, error: string): Promise<ConsentOutcome> {
    logger.warn({ request_id: request.id, team_id: request.teamId, error }, 'a consent came to nothing');
    await database.transactTeams([request.teamId], (tx) =>
      recordFailure(tx, request, { error, at: now().at }),
    );
    metrics.logged([{ event: 'failed', triggerSource: request.triggerSource }]);
    onNotice();
    return { kind: 'failed', error, reference: request.id };
  }

  /** Nobody asked this account: what it has just handed out must not stay good. */
  async function giveBack(consent: Consent, request: PermissionRequest): Promise<ConsentOutcome> {
    let answer = await callSlack('auth.revoke', { token: consent.token });
    if (!answer.ok) answer = await callSlack('auth.revoke', { token: consent.token });
    if (!answer.ok)
      logger.error({ error: answer.error }, 'the token of a wrong account could not be revoked');
    await fail(request, WRONG_ACCOUNT);
    return { kind: 'wrong_account', userId: request.userId };
  }

  async function answer(
    request: PermissionRequest,
    { state, code, error }: Callback,
  ): Promise<ConsentOutcome> {
    const id = toStateHash(state);
    if (error === 'access_denied') {
      return record(request, { granted: [], denied: request.scopes }, { id, time: slackTime() });
    }
    if (code === undefined) return fail(request, toErrorName(error));
    const result = await exchangeCode(callSlack, client, { code, redirectUri });
    if (!result.ok) return fail(request, result.error);
    const { consent } = result;
    if (!isAsker(consent, request)) return giveBack(consent, request);
    const held = toCatalogScopes(catalog, consent.scopes);
    return record(request, toAnswer(request, held), { id, time: consent.time, consent });
  }

  async function take(
    state: string,
  ): Promise<{ consent: ConsentState } | { why: 'unknown' | 'used' | 'expired' }> {
    const check = await checkState(database.query, state, clock.now());
    if (check.is === 'install') return { why: 'unknown' };
    if (check.is !== 'consent') return { why: check.is };
    const isMine = await database.transact((tx) => takeState(tx, state, now()));
    return isMine ? { consent: check.consent } : { why: 'used' };
  }

  return {
    async finish(callback) {
      const taken = await take(callback.state);
      if ('why' in taken) return { kind: 'not_valid', why: taken.why };
      const { requestId, viewId } = taken.consent;
      // Whoever is quick can be back before the request is written.
      await inFlight.settled(toRequestKey(requestId));
      const request = await findRequest(database.query, requestId);
      if (request === undefined) return { kind: 'not_valid', why: 'unknown' };
      const outcome = await answer(request, callback);
      if (viewId !== undefined) onOutcome(request, viewId, outcome);
      return outcome;
    },

    async decline(member, requestId) {
      await inFlight.settled(toRequestKey(requestId));
      const request = await findRequest(database.query, requestId);
      if (request === undefined || request.userId !== member.userId || request.teamId !== member.teamId) {
        return undefined;
      }
      const viewIds = await database.transact((tx) => takeStatesOfRequest(tx, requestId, now().at));
      // Answered already, in the browser.
      if (viewIds === undefined) return undefined;
      const answered = { granted: [], denied: request.scopes };
      const outcome = await record(request, answered, {
        id: `declined ${requestId} ${viewIds.join()}`,
        time: slackTime(),
      });
      for (const viewId of viewIds) onOutcome(request, viewId, outcome);
      return outcome;
    },
  };
}

/** What came in an address is shown and logged only where it looks like a name of Slack's. */
function toErrorName(error: string | undefined): string {
  return error !== undefined && /^[a-z_]{1,60}$/.test(error) ? error : 'invalid_redirect';
}
