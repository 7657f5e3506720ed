import { LRUCache } from 'lru-cache';
import { type ConsentState, checkState, consumeState, consumeStatesOfRequest } from '../../oauth/states';
import { type InFlight, toRequestKey } from '../../permissions/requests/in-flight';
import { findRequest, type PermissionRequest } from '../../permissions/requests/store';
import type { Background } from '../../runtime/background';
import { toIsoTime } from '../../runtime/clock';
import { toSha256 } from '../../runtime/secrets/sha256';
import { withTimeout } from '../../runtime/with-timeout';
import { toErrorName } from '../../slack/errors';
import type { Member } from '../../slack/workspace';
import { type ConsentWriterDependencies, createConsentWriter } from './consent-writer';
import type { CallbackResult, ConsentOutcome } from './outcome';
import { ACCESS_DENIED } from './record';

/** The parameters of Slack's redirect. */
export interface OAuthCallback {
  state: string;
  code: string | undefined;
  error: string | undefined;
  /** `error_description`: tells the user's own refusal from any other. */
  description: string | undefined;
}

/** How long a browser waits for an answer that cannot be stored yet; longer than a call to Slack may take. */
const PAGE_TIMEOUT_MS = 35_000;
const MAX_PENDING = 1_000;

export type Consents = ReturnType<typeof createConsents>;

/** Takes the answers that users give to the `oauth` backend. */
export function createConsents(
  parts: ConsentWriterDependencies & {
    inFlight: InFlight;
    background: Background;
    /** Updates a modal that is still open. */
    onOutcome: (member: Member, viewId: string, outcome: ConsentOutcome) => void;
  },
) {
  const { database, inFlight, background, clock, onOutcome } = parts;
  const writer = createConsentWriter(parts);
  const toTime = () => ({ now: clock.now(), at: toIsoTime(clock.now()) });
  /** By the hash of the state. */
  const pending = new LRUCache<string, Promise<ConsentOutcome>>({ max: MAX_PENDING });

  async function answer(
    request: PermissionRequest,
    { state, code, error, description = '' }: OAuthCallback,
    hadGrants: boolean,
  ): Promise<ConsentOutcome> {
    const id = toSha256(state);
    if (error === ACCESS_DENIED && isOwnRefusal(description)) {
      return writer.deny(request, { id, time: Math.floor(clock.now() / 1_000) });
    }
    if (error !== undefined || code === undefined) {
      return writer.fail(request, toErrorName(error, 'invalid_redirect'));
    }
    return writer.exchange(request, { code, id, hadGrants });
  }

  /** Continues in the background, whether or not the browser stays. */
  function begin(answered: Promise<ConsentOutcome>, member: Member, { viewId }: ConsentState): void {
    background.run('consent', async () => {
      const outcome = await answered;
      if (viewId !== undefined) onOutcome(member, viewId, outcome);
    });
  }

  async function waitFor(answered: Promise<ConsentOutcome>, hash: string): Promise<CallbackResult> {
    const outcome = await withTimeout(answered, PAGE_TIMEOUT_MS, clock);
    if (outcome !== undefined) return outcome;
    pending.set(hash, answered);
    return { kind: 'pending' };
  }

  return {
    /**
     * Handles Slack's redirect, a consent or a refusal. The `state` is checked first, and is good for one use.
     * Throws where the database is away; the state is then still unused.
     */
    async handleCallback(callback: OAuthCallback): Promise<CallbackResult> {
      const { state } = callback;
      const check = await checkState(database.query, state, clock.now());
      if (check.is !== 'consent') return { kind: 'not_valid', why: check.is };
      // Everything is read before the state is used up, so that the user can retry after a failed read.
      const { requestId } = check.consent;
      // A quick user can come back before the request is written.
      await inFlight.settled(toRequestKey(requestId));
      const request = await findRequest(database.query, requestId);
      if (request === undefined) throw new Error('The request of this consent is not stored yet.');
      const heldSomething = await writer.hasGrants(request);
      if (!(await database.transact((tx) => consumeState(tx, state, toTime())))) {
        return { kind: 'not_valid', why: 'used' };
      }
      const answered = answer(request, callback, heldSomething);
      begin(answered, request, check.consent);
      return waitFor(answered, toSha256(state));
    },

    /** The result of a consent that was `pending`; undefined where this process does not know it. */
    async findResult(state: string): Promise<CallbackResult | undefined> {
      const hash = toSha256(state);
      const answered = pending.get(hash);
      return answered && waitFor(answered, hash);
    },

    /** "Not now". Undefined where the request is another user's, or was answered. */
    async decline(member: Member, requestId: string): Promise<ConsentOutcome | undefined> {
      await inFlight.settled(toRequestKey(requestId));
      const request = await findRequest(database.query, requestId);
      if (request === undefined || request.userId !== member.userId || request.teamId !== member.teamId) {
        return undefined;
      }
      const { at } = toTime();
      const declined = await writer.decline(request, (tx) => consumeStatesOfRequest(tx, requestId, at));
      // Undefined: it was answered in the browser.
      if (declined === undefined) return undefined;
      for (const viewId of declined.viewIds) onOutcome(request, viewId, declined.outcome);
      return declined.outcome;
    },

    /** Stops retrying: what cannot be stored now is given up. */
    stop: parts.storeRetrier.stop,
  };
}

/**
 * Slack describes only the user's own refusal. A redirect for an app that no admin has approved is otherwise the same:
 * https://github.com/slackapi/bolt-python/issues/1454
 */
function isOwnRefusal(description: string): boolean {
  return /^the user has denied access/i.test(description);
}
