import { type Catalog, type CatalogEntry, isOffered } from '../config/catalog';
import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import { type Clock, toIsoTime } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { createShortId } from '../runtime/short-id';
import type { Trigger } from '../slack/trigger';
import { type Member, toMemberKey } from '../slack/workspace';
import type { PermissionsBackend } from './backend';
import { type AskOutcome, createToOutcome } from './outcome';
import { createInTurn } from './queue/in-turn';
import type { QueueTicket, RateLimitQueue } from './queue/queue';
import { type InFlight, toRequestKey } from './requests/in-flight';
import type { Requests } from './requests/requests';
import { findHeldAndOpen, type HeldAndOpen, type PermissionRequest } from './requests/store';

export type { AskOutcome } from './outcome';
export type Permissions = ReturnType<typeof createPermissions>;

interface AskResult {
  outcome: AskOutcome;
  /** Resolves when it is stored; undefined: it is already. */
  recorded: Promise<void> | undefined;
}

interface Asking {
  /** Sorted. */
  scopes: string;
  asked: Promise<AskResult>;
  shown?: PermissionRequest;
}

/** Asks users for scopes. The user asked is always the one who made the trigger. */
export function createPermissions({
  backend,
  catalog,
  database,
  requests,
  rateLimitQueue,
  perMinute,
  inFlight,
  background,
  clock,
  logger,
  createRequestId = createShortId,
}: {
  backend: PermissionsBackend;
  catalog: Catalog;
  database: Pick<Database, 'read' | 'readForTrigger'>;
  requests: Requests;
  rateLimitQueue: RateLimitQueue;
  /** `TIER2_PER_MINUTE`, for people to read. */
  perMinute: number;
  inFlight: InFlight;
  background: Background;
  clock: Clock;
  logger: Logger;
  createRequestId?: () => string;
}) {
  const askThroughQueue = createInTurn({ rateLimitQueue, logger });
  const toOutcome = createToOutcome({ backend, background, logger });

  /** Where the user has asked for the same before, that request holds the position. */
  function toQueued(request: PermissionRequest, ticket: QueueTicket): AskOutcome {
    return { kind: 'queued', request: { ...request, id: ticket.requestId }, ticket, perMinute };
  }

  /**
   * The exchange first, then its record: nothing else leaves the process while the trigger lives. Only the events that follow
   * from the request wait for the record.
   */
  async function exchange(
    request: PermissionRequest,
    held: readonly string[],
    trigger: Trigger,
  ): Promise<AskResult> {
    const asked = await askThroughQueue(request, () =>
      backend.request({ requestId: request.id, scopes: request.scopes, held, trigger }),
    );
    if (!('result' in asked)) return { outcome: toQueued(request, asked.ticket), recorded: undefined };
    const { result, ticket, calledRequestId } = asked;
    const recorded = requests.recordExchange(request, trigger.id, result, {
      isQueued: ticket?.requestId === request.id,
      // A request that waits again keeps its entry.
      calledRequestId: ticket === undefined ? calledRequestId : undefined,
    });
    if (ticket !== undefined) return { outcome: toQueued(request, ticket), recorded };
    return { outcome: toOutcome(request, trigger, result), recorded };
  }

  /** By member: what is under way, or was shown and is not stored yet. */
  const asking = new Map<string, readonly Asking[]>();

  /**
   * A second press of the same button gets the outcome of the first: Slack is called once. That holds also while the question
   * is shown and its record not stored yet.
   */
  async function askOnce(
    request: PermissionRequest,
    {
      trigger,
      isNew,
      held,
      before,
    }: { trigger: Trigger; isNew: boolean; held: ReadonlySet<string>; before: readonly Asking[] },
  ): Promise<AskOutcome> {
    const key = toMemberKey(request);
    const scopes = [...request.scopes].sort().join(' ');
    const others = (asking.get(key) ?? []).filter((one) => one.scopes !== scopes);
    const begun =
      asking.get(key)?.find((one) => one.scopes === scopes) ??
      before.find((one) => one.scopes === scopes && one.shown !== undefined);
    if (begun !== undefined && begun.shown === undefined) return (await begun.asked).outcome;
    if (begun?.shown !== undefined && isNew) return { kind: 'already_asked', request: begun.shown };
    const asked = exchange(request, [...held], trigger);
    const own: Asking = { scopes, asked };
    asking.set(key, [...others, own]);
    const forget = () => {
      const left = (asking.get(key) ?? []).filter((one) => one !== own);
      if (left.length > 0) asking.set(key, left);
      else asking.delete(key);
    };
    // Where nothing was shown, the next press asks again; where it was, it is known until it is stored.
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
      // If the exchange itself failed, whoever waits for the outcome gets that error.
      background.run('record of a request', () => recorded);
    }
  }

  /** Where the database does not answer in time, the user is asked anyway, also for what they hold. */
  async function look(user: Member): Promise<HeldAndOpen> {
    const found = await database.readForTrigger((read) => findHeldAndOpen(read, user));
    if (found !== undefined) return found;
    const about = { team_id: user.teamId, user_id: user.userId };
    logger.warn(about, 'the database did not say in time what a user holds: they are asked all the same');
    return { held: new Set(), open: [] };
  }

  /** Whether a request asks for the same, and has not expired. */
  function isShown({ scopes, expiresAt }: HeldAndOpen['open'][number], wanted: PermissionRequest): boolean {
    const isSame =
      scopes.length === wanted.scopes.length && scopes.every((scope) => wanted.scopes.includes(scope));
    return isSame && clock.now() < Date.parse(expiresAt);
  }

  /** Scopes that are not in the catalog, or that Slack no longer grants by the backend of this workspace. */
  async function findUnavailable(request: PermissionRequest): Promise<string[]> {
    const entries = request.scopes.map((scope) => catalog.find(scope));
    const isLimited = entries.some((entry) => entry?.backends !== undefined);
    const kind = isLimited ? await backend.kind(request) : undefined;
    // While the backend is unknown, Slack itself refuses what it does not grant.
    const isUnavailable = (entry: CatalogEntry | undefined) =>
      entry === undefined || (kind !== undefined && !isOffered(entry, kind));
    return request.scopes.filter((_scope, index) => isUnavailable(entries[index]));
  }

  async function toOffers(user: Member, held: ReadonlySet<string>): Promise<CatalogEntry[]> {
    const kind = await backend.kind(user);
    return catalog.entries.filter((entry) => !held.has(entry.scope) && isOffered(entry, kind));
  }

  /** Asks for what the user does not hold yet; with `isNew`, only if Slack is not asking them for the same already. */
  async function send(
    request: PermissionRequest,
    trigger: Trigger,
    { isNew }: { isNew: boolean },
  ): Promise<AskOutcome> {
    const unknownScopes = await findUnavailable(request);
    if (unknownScopes.length > 0) return { kind: 'not_in_catalog', unknownScopes };
    // Taken before the read: what is stored meanwhile might be in neither.
    const before = asking.get(toMemberKey(request)) ?? [];
    const { held, open } = await look(request);
    const scopes = request.scopes.filter((scope) => !held.has(scope));
    if (scopes.length === 0) return { kind: 'already_granted', scopes: request.scopes };
    const missing = { ...request, scopes, triggerSource: trigger.source };
    const shown = isNew ? open.find((one) => isShown(one, missing)) : undefined;
    if (shown !== undefined) return { kind: 'already_asked', request: shown };
    if (trigger.id === undefined) {
      await requests.recordWaiting(missing);
      return { kind: 'continue', request: missing, error: 'no_trigger' };
    }
    return askOnce(missing, { trigger, isNew, held, before });
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
      // OAuth's name of a scope is accepted too.
      const wanted = [...new Set(scopes.map((scope) => catalog.find(scope)?.scope ?? scope))];
      if (wanted.length === 0) return { kind: 'nothing_chosen' };
      const { teamId, enterpriseId, userId, source: triggerSource } = trigger;
      const request = {
        id: createRequestId(),
        teamId,
        enterpriseId,
        userId,
        scopes: wanted,
        // PostgreSQL stores no NUL and no lone surrogate in a text.
        reason: reason?.replaceAll('\0', '').toWellFormed().trim() || null,
        triggerSource,
        createdAt: toIsoTime(clock.now()),
      };
      return send(request, trigger, { isNew: true });
    },

    /** Asks again for a request that was not shown, with the trigger of the press on "Continue". */
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

    /** What this user holds, and what they can be asked for. */
    async listChoices(user: Member): Promise<{ held: string[]; open: CatalogEntry[] }> {
      const { held } = await findHeldAndOpen(database.read, user);
      return { held: [...held], open: await toOffers(user, held) };
    },

    /** What a form offers; where the database is slow, also what the user holds, since the form's trigger is running out. */
    listOffers: async (user: Member) => toOffers(user, (await look(user)).held),
  };
}
