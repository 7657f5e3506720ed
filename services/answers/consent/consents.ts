import type { Catalog } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { FindUserName } from '../../messages/user-names';
import type { Metrics } from '../../metrics/metrics';
import type { OAuthClient } from '../../oauth/oauth-access';
import { type ConsentState, checkState, takeState, takeStatesOfRequest } from '../../oauth/states';
import type { Vault } from '../../oauth/vault';
import { type InFlight, toRequestKey } from '../../permissions/requests/in-flight';
import { findRequest, type PermissionRequest } from '../../permissions/requests/store';
import type { Background } from '../../runtime/background';
import { type Clock, toIsoTime } from '../../runtime/clock';
import { forgetOldest } from '../../runtime/evict-oldest';
import type { Logger } from '../../runtime/logger';
import type { Storing } from '../../runtime/retry-until-stored';
import { toSha256 } from '../../runtime/secrets/sha256';
import { inTime } from '../../runtime/with-timeout';
import { toErrorName } from '../../slack/errors';
import type { CallSlack } from '../../slack/web-api';
import type { Member } from '../../slack/workspace';
import { createAnswering } from './answering';
import type { CallbackResult, ConsentOutcome } from './outcome';
import { ACCESS_DENIED } from './record';

/** What Slack's redirect brings. */
export interface Callback {
  state: string;
  code: string | undefined;
  error: string | undefined;
  /** `error_description`: what tells a person's own refusal from any other. */
  description: string | undefined;
}

/** Takes the answers that users give to the `oauth` backend. */
export interface Consents {
  /**
   * Slack's redirect. The `state` is looked at first, for a consent as for a refusal, and is good for one use.
   * Throws where the database is away: nothing was used up then.
   */
  finish(callback: Callback): Promise<CallbackResult>;
  /** What has become of one that was `pending`; undefined where this process does not know. */
  revisit(state: string): Promise<CallbackResult | undefined>;
  /** "Not now". Undefined where the request is another's, or was answered. */
  decline(member: Member, requestId: string): Promise<ConsentOutcome | undefined>;
  /** Nothing is waited for any more. */
  stop(): void;
}

/** How long a browser waits for what cannot be stored yet: longer than one call of Slack's may take. */
const PAGE_PATIENCE_MS = 35_000;
const PENDING_KEPT = 1_000;

export function createConsents({
  database,
  vault,
  callSlack,
  client,
  redirectUri,
  storing,
  catalog,
  findUserName,
  inFlight,
  background,
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
  storing: Storing;
  catalog: Catalog;
  findUserName: FindUserName;
  inFlight: InFlight;
  background: Background;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Called after a commit that left something to tell a user. */
  onNotice: () => void;
  /** For the modals that are still open. */
  onOutcome: (member: Member, viewId: string, outcome: ConsentOutcome) => void;
}): Consents {
  const answering = createAnswering({
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
  });
  const now = () => ({ now: clock.now(), at: toIsoTime(clock.now()) });
  const toTime = () => Math.floor(clock.now() / 1_000);
  /** By the hash of the state. */
  const pending = new Map<string, Promise<ConsentOutcome>>();

  async function answer(
    request: PermissionRequest,
    { state, code, error, description = '' }: Callback,
    holdsSomething: boolean,
  ): Promise<ConsentOutcome> {
    const told = { id: toSha256(state), time: toTime() };
    if (error === ACCESS_DENIED && isOwnRefusal(description)) return answering.deny(request, told);
    if (error !== undefined || code === undefined) {
      return answering.fail(request, toErrorName(error, 'invalid_redirect'));
    }
    return answering.exchange(request, { code, id: told.id, holdsSomething });
  }

  /** From here on it goes on by itself, whatever becomes of the browser. */
  function begin(answered: Promise<ConsentOutcome>, member: Member, { viewId }: ConsentState): void {
    background.run('consent', async () => {
      const outcome = await answered;
      if (viewId !== undefined) onOutcome(member, viewId, outcome);
    });
  }

  async function waitFor(answered: Promise<ConsentOutcome>, hash: string): Promise<CallbackResult> {
    const outcome = await inTime(answered, PAGE_PATIENCE_MS, clock);
    if (outcome !== undefined) return outcome;
    pending.set(hash, answered);
    forgetOldest(pending, PENDING_KEPT);
    return { kind: 'pending' };
  }

  return {
    async finish(callback) {
      const { state } = callback;
      const check = await checkState(database.query, state, clock.now());
      if (check.is === 'install') return { kind: 'not_valid', why: 'unknown' };
      if (check.is !== 'consent') return { kind: 'not_valid', why: check.is };
      // All that has to be read is read before anything is used up, so that it can be tried again.
      const { requestId } = check.consent;
      // Whoever is quick can be back before the request is written.
      await inFlight.settled(toRequestKey(requestId));
      const request = await findRequest(database.query, requestId);
      if (request === undefined) throw new Error('The request of this consent is not written yet.');
      const holdsSomething = await answering.holdsSomething(request);
      if (!(await database.transact((tx) => takeState(tx, state, now())))) {
        return { kind: 'not_valid', why: 'used' };
      }
      const answered = answer(request, callback, holdsSomething);
      begin(answered, request, check.consent);
      return waitFor(answered, toSha256(state));
    },

    async revisit(state) {
      const hash = toSha256(state);
      const answered = pending.get(hash);
      return answered && waitFor(answered, hash);
    },

    async decline(member, requestId) {
      await inFlight.settled(toRequestKey(requestId));
      const request = await findRequest(database.query, requestId);
      if (request === undefined || request.userId !== member.userId || request.teamId !== member.teamId) {
        return undefined;
      }
      const declined = await answering.decline(request, (tx) => takeStatesOfRequest(tx, requestId, now().at));
      // Answered already, in the browser.
      if (declined === undefined) return undefined;
      for (const viewId of declined.viewIds) onOutcome(request, viewId, declined.outcome);
      return declined.outcome;
    },

    stop: storing.stop,
  };
}

/**
 * Slack describes a person's own refusal. Without that nobody knows who said no: an app that no admin has approved comes
 * back alike (https://github.com/slackapi/bolt-python/issues/1454).
 */
function isOwnRefusal(description: string): boolean {
  return /^the user has denied access/i.test(description);
}
