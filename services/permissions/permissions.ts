import { type Catalog, type CatalogEntry, isOffered } from '../config/catalog';
import type { HeldScopes } from '../grants/held-scopes';
import type { Background } from '../runtime/background';
import { type Clock, toIsoTime } from '../runtime/clock';
import { createReference } from '../runtime/id';
import type { Logger } from '../runtime/logger';
import type { Trigger } from '../slack/trigger';
import { type Member, toMemberKey } from '../slack/workspace';
import type { PermissionsBackend } from './backend';
import { type AskOutcome, createToOutcome } from './outcome';
import { createInTurn } from './queue/in-turn';
import type { Place, Turns } from './queue/queue';
import { type InFlight, toRequestKey } from './requests/in-flight';
import type { OpenRequests } from './requests/open-requests';
import type { Requests } from './requests/requests';
import type { AwaitedRequest, PermissionRequest } from './requests/store';

export type { AskOutcome } from './outcome';
export type Permissions = ReturnType<typeof createPermissions>;

interface Asked {
  outcome: AskOutcome;
  /** Resolves when it stands in the database; undefined: it does. */
  recorded: Promise<void> | undefined;
}

/** Asks users for scopes. The user asked is always the one who made the trigger. */
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
}) {
  const askInTurn = createInTurn({ turns, logger });
  const toOutcome = createToOutcome({ backend, background, logger });

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
    const asked = await askInTurn(request, () =>
      backend.request({ requestId: request.id, scopes: request.scopes, held, trigger }),
    );
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
    async ask({
      trigger,
      scopes,
      reason,
    }: {
      trigger: Trigger;
      scopes: readonly string[];
      reason?: string | null | undefined;
    }): Promise<AskOutcome> {
      // OAuth's name of a scope is as good as the catalog's.
      const wanted = [...new Set(scopes.map((scope) => catalog.find(scope)?.scope ?? scope))];
      if (wanted.length === 0) return { kind: 'nothing_chosen' };
      const { teamId, enterpriseId, userId, source: triggerSource } = trigger;
      const request = {
        id: createRequestId(),
        teamId,
        enterpriseId,
        userId,
        scopes: wanted,
        // PostgreSQL keeps no NUL and no half of a character in a text.
        reason: reason?.replaceAll('\0', '').toWellFormed().trim() || null,
        triggerSource,
        createdAt: toIsoTime(clock.now()),
      };
      return send(request, trigger, { isNew: true });
    },

    /** Goes on with a request that was not shown, with the trigger of the press on "Continue". */
    async continueRequest({
      trigger,
      requestId,
    }: {
      trigger: Trigger;
      requestId: string;
    }): Promise<AskOutcome> {
      const request = await requests.find(requestId);
      if (request === undefined || request.userId !== trigger.userId || request.teamId !== trigger.teamId) {
        return { kind: 'request_not_found' };
      }
      return send(request, trigger, { isNew: false });
    },

    /** What can be asked of this user, and what they hold. */
    async listChoices(user: Member): Promise<{ held: string[]; open: CatalogEntry[] }> {
      const held = await heldScopes.get(toMemberKey(user));
      const kind = await backend.kind(user);
      const open = catalog.entries.filter((entry) => !held.has(entry.scope) && isOffered(entry, kind));
      return { held: [...held], open };
    },
  };
}
