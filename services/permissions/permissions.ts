import { type Catalog, type CatalogEntry, isOffered } from '../config/catalog';
import type { HeldScopes } from '../grants/held-scopes';
import type { Background } from '../runtime/background';
import { type Clock, toIsoTime } from '../runtime/clock';
import { createReference } from '../runtime/id';
import type { Logger } from '../runtime/logger';
import { toOperatorAdvice, toRemedy } from '../slack/errors';
import type { Trigger } from '../slack/trigger';
import { type Member, toMemberKey } from '../slack/workspace';
import type { PermissionPrompt, PermissionsBackend } from './backend';
import type { ExchangeResult } from './exchange/exchange';
import type { Place, Turns } from './queue/queue';
import { createSlots } from './queue/semaphore';
import { type InFlight, toRequestKey } from './requests/in-flight';
import type { OpenRequests } from './requests/open-requests';
import type { Requests } from './requests/requests';
import type { AwaitedRequest, PermissionRequest } from './requests/store';

/** What became of an ask. Every member is something that the user is shown, or has been. */
export type AskOutcome =
  /** Slack's own prompt is on the user's screen; or the `view` is, as soon as the submission of a modal is answered with it. */
  | { kind: 'shown'; request: PermissionRequest; view?: object }
  /** Nothing was chosen. Slack was not called. */
  | { kind: 'nothing_chosen' }
  /** Some scopes are not in the catalog, or not for this backend, so none is asked for. Slack was not called. */
  | { kind: 'not_in_catalog'; unknownScopes: string[] }
  /** The user holds them all. Slack was not called. */
  | { kind: 'already_granted'; scopes: string[] }
  /** Slack has shown the user this very prompt, and awaits the answer. It was not called again. */
  | { kind: 'already_asked'; request: PermissionRequest }
  /** Slack limits the rate: the request has a place, and is called when it is its turn. */
  | { kind: 'queued'; request: PermissionRequest; place: Place; perMinute: number }
  /** Nothing was shown, and a fresh trigger can change that. `error` says why; `no_trigger` is no fault. */
  | { kind: 'continue'; request: PermissionRequest; error: string }
  /** Slack refuses these scopes, or this user. */
  | { kind: 'refused'; request: PermissionRequest; error: string }
  /** Nothing works until an admin acts. */
  | { kind: 'admin_must_act'; request: PermissionRequest; error: string }
  /** It failed for a reason that nobody foresaw; the request's id is the reference. */
  | { kind: 'failed'; request: PermissionRequest; error: string }
  /** A "Continue" whose request is gone, or is another user's. Slack was not called. */
  | { kind: 'request_not_found' };

/** Asks users for scopes. The user asked is always the one who made the trigger. */
export interface Permissions {
  ask(ask: {
    trigger: Trigger;
    scopes: readonly string[];
    reason?: string | null | undefined;
  }): Promise<AskOutcome>;
  /** Goes on with a request that was not shown, with the trigger of the press on "Continue". */
  continueRequest(ask: { trigger: Trigger; requestId: string }): Promise<AskOutcome>;
  /** What can be asked of this user, and what they hold. */
  listChoices(user: Member): Promise<{ held: string[]; open: CatalogEntry[] }>;
}

interface Asked {
  outcome: AskOutcome;
  /** Resolves when it stands in the database; undefined: it does. */
  recorded: Promise<void> | undefined;
}

export function createPermissions({
  backend,
  catalog,
  heldScopes,
  requests,
  openRequests,
  turns,
  perMinute,
  inFlight,
  background,
  clock,
  logger,
  createRequestId = createReference,
}: {
  backend: PermissionsBackend;
  catalog: Catalog;
  heldScopes: HeldScopes;
  requests: Requests;
  openRequests: OpenRequests;
  turns: Turns;
  /** `TIER2_PER_MINUTE`, for people to read. */
  perMinute: number;
  inFlight: InFlight;
  background: Background;
  clock: Clock;
  logger: Logger;
  createRequestId?: () => string;
}): Permissions {
  const slots = createSlots();

  /**
   * Calls Slack where it is the request's turn. The slot is given back however that ends, or the workspace would run out of
   * them; where Slack said 429, when that is known, so that nobody calls in between.
   */
  async function askInTurn(
    request: PermissionRequest,
    prompt: PermissionPrompt,
  ): Promise<
    { place: Place } | { result: ExchangeResult; place: Place | undefined; turnOf: string | undefined }
  > {
    const giveBack = await slots.take(request.teamId);
    try {
      const entry = await turns.enter(request);
      if (entry.is === 'waiting') return { place: entry.place };
      const turnOf = entry.is === 'called' ? entry.turnOf : undefined;
      const result = await backend.request(prompt);
      if (result.ok || result.retryAfterMs === undefined) return { result, turnOf, place: undefined };
      return { result, turnOf, place: await limit(request, result.retryAfterMs, turnOf) };
    } finally {
      giveBack();
    }
  }

  /** Where the queue cannot be written, nobody would be called: the user gets "Continue" at once. */
  async function limit(
    request: PermissionRequest,
    retryAfterMs: number,
    turnOf: string | undefined,
  ): Promise<Place | undefined> {
    try {
      return await turns.limit(request, retryAfterMs, turnOf);
    } catch (error) {
      logger.error({ err: error, request_id: request.id }, 'a request could not be queued');
      return undefined;
    }
  }

  /** Where the user has asked the same before, that one has the place. */
  function toQueued(request: PermissionRequest, place: Place): AskOutcome {
    return { kind: 'queued', request: { ...request, id: place.requestId }, place, perMinute };
  }

  /**
   * The exchange first, then the record of it: nothing else leaves the process while the trigger lives. Nobody waits for the
   * record but the events that come of the request.
   */
  async function exchange(
    request: PermissionRequest,
    held: readonly string[],
    trigger: Trigger,
  ): Promise<Asked> {
    const prompt = { requestId: request.id, scopes: request.scopes, held, trigger };
    const asked = await askInTurn(request, prompt);
    if (!('result' in asked)) return { outcome: toQueued(request, asked.place), recorded: undefined };
    const { result, place, turnOf } = asked;
    const recorded = requests.recordExchange(request, trigger.id, result, {
      isQueued: place?.requestId === request.id,
      // Who waits again keeps it.
      turnOf: place === undefined ? turnOf : undefined,
    });
    if (place !== undefined) return { outcome: toQueued(request, place), recorded };
    return { outcome: toOutcome(request, trigger, result), recorded };
  }

  function toOutcome(request: PermissionRequest, trigger: Trigger, result: ExchangeResult): AskOutcome {
    const about = {
      request_id: request.id,
      team_id: request.teamId,
      user_id: request.userId,
      trigger_source: trigger.source,
    };
    if (result.ok) {
      if (result.warning !== undefined)
        logger.warn({ ...about, warning: result.warning }, 'slack warned about a permission request');
      logger.info({ ...about, scopes: request.scopes }, 'permission requested');
      return { kind: 'shown', request, ...(result.view && { view: result.view }) };
    }
    const { error, cause } = result;
    const remedy = toRemedy(cause);
    if (remedy === 'admin')
      background.run('advice', async () => {
        const advice = toOperatorAdvice(error, await backend.kind(request));
        logger.error({ ...about, error, advice }, 'permission request refused: an operator has to act');
      });
    else logger.warn({ ...about, error }, 'permission request failed');
    if (remedy === 'again') return { kind: 'continue', request, error };
    if (remedy === 'ask') return { kind: 'refused', request, error };
    return { kind: remedy === 'admin' ? 'admin_must_act' : 'failed', request, error };
  }

  /** What is under way, by who asked for what. */
  const asking = new Map<string, { asked: Promise<Asked>; shown?: PermissionRequest }>();

  /**
   * A second press of the same button comes to what the first comes to: Slack is called once. Where the question has been shown,
   * and only the record of it is still to be written, it is known all the same.
   */
  async function askOnce(
    request: PermissionRequest,
    held: ReadonlySet<string>,
    trigger: Trigger,
    isNew: boolean,
  ): Promise<AskOutcome> {
    const key = `${toMemberKey(request)} ${[...request.scopes].sort()}`;
    const begun = asking.get(key);
    if (begun !== undefined && begun.shown === undefined) return (await begun.asked).outcome;
    if (begun?.shown !== undefined && isNew) return { kind: 'already_asked', request: begun.shown };
    const asked = exchange(request, [...held], trigger);
    const own: { asked: Promise<Asked>; shown?: PermissionRequest } = { asked };
    asking.set(key, own);
    const forget = () => {
      if (asking.get(key) === own) asking.delete(key);
    };
    // Where nothing was shown, the next press is to show it; where it was, it is known when it is written.
    asked.then(({ outcome }) => {
      if (outcome.kind === 'shown') own.shown = outcome.request;
      else forget();
    }, forget);
    const written = asked.then(({ recorded }) => recorded);
    const recorded = inFlight
      .track(trigger.id, inFlight.track(toRequestKey(request.id), written))
      .finally(forget);
    try {
      return (await asked).outcome;
    } finally {
      // Where the exchange itself failed, that is told to whoever waits for the outcome.
      background.run('record of a request', () => recorded);
    }
  }

  /** Whether a request asks for the same, and its time is not over. */
  function isShown({ scopes, expiresAt }: AwaitedRequest, wanted: PermissionRequest): boolean {
    const isSame =
      scopes.length === wanted.scopes.length && scopes.every((scope) => wanted.scopes.includes(scope));
    return isSame && clock.now() < Date.parse(expiresAt);
  }

  /** Scopes that are not in the catalog, or that Slack no longer grants by the backend of this workspace. */
  async function findUnavailable(request: PermissionRequest): Promise<string[]> {
    const entries = request.scopes.map((scope) => catalog.find(scope));
    const isLimited = entries.some((entry) => entry?.backends !== undefined);
    const kind = isLimited ? await backend.kind(request) : undefined;
    // Of a workspace that could not be asked yet, Slack itself says what it grants.
    const isUnavailable = (entry: CatalogEntry | undefined) =>
      entry === undefined || (kind !== undefined && !isOffered(entry, kind));
    return request.scopes.filter((_scope, index) => isUnavailable(entries[index]));
  }

  /** Asks for what the user does not hold yet. With `isNew`, not for what Slack is asking them already. */
  async function send(
    request: PermissionRequest,
    trigger: Trigger,
    { isNew }: { isNew: boolean },
  ): Promise<AskOutcome> {
    const unknownScopes = await findUnavailable(request);
    if (unknownScopes.length > 0) return { kind: 'not_in_catalog', unknownScopes };
    const key = toMemberKey(request);
    const held = await heldScopes.get(key);
    const scopes = request.scopes.filter((scope) => !held.has(scope));
    if (scopes.length === 0) return { kind: 'already_granted', scopes: request.scopes };
    const missing = { ...request, scopes, triggerSource: trigger.source };
    const shown = isNew ? (await openRequests.get(key)).find((open) => isShown(open, missing)) : undefined;
    if (shown !== undefined) return { kind: 'already_asked', request: shown };
    if (trigger.id === undefined) {
      await requests.recordWaiting(missing);
      return { kind: 'continue', request: missing, error: 'no_trigger' };
    }
    return askOnce(missing, held, trigger, isNew);
  }

  return {
    async ask({ trigger, scopes, reason }) {
      // OAuth's name of a scope is as good as the catalog's.
      const wanted = [...new Set(scopes.map((scope) => catalog.find(scope)?.scope ?? scope))];
      if (wanted.length === 0) return { kind: 'nothing_chosen' };
      const { teamId, enterpriseId, userId, source } = trigger;
      // PostgreSQL keeps no NUL and no half of a character in a text.
      const said = reason?.replaceAll('\0', '').toWellFormed().trim() || null;
      const createdAt = toIsoTime(clock.now());
      return send(
        {
          id: createRequestId(),
          teamId,
          enterpriseId,
          userId,
          scopes: wanted,
          reason: said,
          triggerSource: source,
          createdAt,
        },
        trigger,
        { isNew: true },
      );
    },

    async continueRequest({ trigger, requestId }) {
      const request = await requests.find(requestId);
      if (request === undefined || request.userId !== trigger.userId || request.teamId !== trigger.teamId) {
        return { kind: 'request_not_found' };
      }
      return send(request, trigger, { isNew: false });
    },

    async listChoices(user) {
      const held = await heldScopes.get(toMemberKey(user));
      const kind = await backend.kind(user);
      const open = catalog.entries.filter((entry) => !held.has(entry.scope) && isOffered(entry, kind));
      return { held: [...held], open };
    },
  };
}
