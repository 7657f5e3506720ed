import { type Clock, toIsoTime } from '../clock';
import type { Database, Queryable } from '../database/database';
import type { RequestState } from '../database/schema';
import { insertNotice } from '../notices/store';
import type { InFlight } from '../requests/in-flight';
import { endRequest, findOpenRequest, findRequestByTrigger, type PermissionRequest } from '../requests/store';
import type { LogEvent } from './log-entry';
import {
  deleteGrants,
  insertGrants,
  insertLogEntry,
  insertReceivedEvent,
  listGrantRows,
  listUsersWithGrants,
} from './store';

/** What every event of Slack's has. */
export interface ReceivedEvent {
  eventId: string;
  teamId: string;
}

/** An answer. `userId` is null where Slack speaks of the app's own scopes. */
export interface AnswerEvent extends ReceivedEvent {
  userId: string | null;
  scopes: string[];
  /** The trigger that the request used up: it joins the answer to the request, and is never exchanged. */
  triggerId: string | undefined;
}

/**
 * Writes what Slack tells. Each method is one transaction, committed when it resolves, so that Slack's 200 never stands
 * for something that is not in the database. The same `event_id` twice is recorded once.
 */
export interface Recorder {
  recordGranted(event: AnswerEvent): Promise<void>;
  recordDenied(event: AnswerEvent): Promise<void>;
  /** The user took back everything. */
  recordRemoved(event: ReceivedEvent & { userId: string; triggerId: string | undefined }): Promise<void>;
  /** Slack revoked the tokens of these users, or the app's own. */
  recordTokensRevoked(event: ReceivedEvent & { userIds: string[]; appToo: boolean }): Promise<void>;
  /** The app is gone from the workspace, and every grant with it. */
  recordUninstalled(event: ReceivedEvent): Promise<void>;
}

export function createRecorder({
  database,
  clock,
  inFlight,
  onNotice,
}: {
  database: Database;
  clock: Clock;
  inFlight: InFlight;
  /** Called after a commit that left something to tell a user. */
  onNotice: () => void;
}): Recorder {
  /** Runs `write` in the transaction that marks the event as recorded, unless it is. */
  async function once(
    event: ReceivedEvent,
    write: (tx: Queryable, at: string) => Promise<void>,
  ): Promise<void> {
    const isNew = await database.transact(async (tx) => {
      const at = toIsoTime(clock.now());
      if (!(await insertReceivedEvent(tx, { eventId: event.eventId, at }))) return false;
      await write(tx, at);
      return true;
    });
    if (isNew) onNotice();
  }

  async function log(
    tx: Queryable,
    event: LogEvent,
    entry: {
      at: string;
      received: ReceivedEvent;
      userId: string | null;
      scopes: string[];
      request?: PermissionRequest | undefined;
      reason?: string;
    },
  ): Promise<void> {
    await insertLogEntry(tx, {
      at: entry.at,
      teamId: entry.received.teamId,
      userId: entry.userId,
      event,
      scopes: entry.scopes,
      source: 'slack_event',
      requestId: entry.request?.id ?? null,
      triggerSource: entry.request?.triggerSource ?? null,
      eventId: entry.received.eventId,
      error: null,
      reason: entry.reason ?? entry.request?.reason ?? null,
    });
  }

  /** The request that used up the trigger; where none did, the user's newest open one with those scopes. */
  async function findRequestOf(tx: Queryable, event: AnswerEvent): Promise<PermissionRequest | undefined> {
    const { teamId, userId, scopes, triggerId } = event;
    if (userId === null) return undefined;
    const joined =
      triggerId === undefined ? undefined : await findRequestByTrigger(tx, { triggerId, teamId, userId });
    return joined ?? findOpenRequest(tx, { scopes, teamId, userId });
  }

  async function recordAnswer(answer: 'granted' | 'denied', event: AnswerEvent): Promise<void> {
    await inFlight.settled(event.triggerId);
    await once(event, async (tx, at) => {
      const { teamId, userId, scopes } = event;
      const request = await findRequestOf(tx, event);
      if (answer === 'granted') {
        const grants = scopes.map((scope) => ({
          teamId,
          userId,
          scope,
          grantedAt: at,
          source: 'slack_event' as const,
        }));
        await insertGrants(tx, grants);
      }
      await log(tx, answer, { at, received: event, userId, scopes, request });
      if (request !== undefined) {
        const held = await listGrantRows(tx, { teamId: request.teamId, userId: request.userId });
        await endRequest(tx, request.id, toEnd(request, new Set(held.map((grant) => grant.scope))));
      }
      if (userId !== null) await insertNotice(tx, { teamId, userId, event: answer, scopes });
    });
  }

  /** Ends every grant of one user and writes it down; `null` stands for the app. */
  async function removeAll(
    tx: Queryable,
    {
      at,
      received,
      userId,
      request,
      reason,
    }: {
      at: string;
      received: ReceivedEvent;
      userId: string | null;
      request?: PermissionRequest | undefined;
      reason?: string;
    },
  ): Promise<string[]> {
    const scopes = await deleteGrants(tx, { teamId: received.teamId, userId });
    await log(tx, 'removed', {
      at,
      received,
      userId,
      scopes,
      request,
      ...(reason === undefined ? {} : { reason }),
    });
    return scopes;
  }

  return {
    recordGranted: (event) => recordAnswer('granted', event),
    recordDenied: (event) => recordAnswer('denied', event),

    recordRemoved: (event) =>
      once(event, async (tx, at) => {
        const { teamId, userId, triggerId } = event;
        const request =
          triggerId === undefined ? undefined : await findRequestByTrigger(tx, { triggerId, teamId, userId });
        const scopes = await removeAll(tx, { at, received: event, userId, request });
        await insertNotice(tx, { teamId, userId, event: 'removed', scopes });
      }),

    recordTokensRevoked: (event) =>
      once(event, async (tx, at) => {
        for (const userId of event.userIds) {
          const scopes = await removeAll(tx, { at, received: event, userId, reason: 'tokens_revoked' });
          if (!event.appToo && scopes.length > 0)
            await insertNotice(tx, { teamId: event.teamId, userId, event: 'removed', scopes });
        }
        if (event.appToo)
          await removeAll(tx, { at, received: event, userId: null, reason: 'tokens_revoked' });
      }),

    recordUninstalled: (event) =>
      once(event, async (tx, at) => {
        for (const userId of await listUsersWithGrants(tx, event.teamId)) {
          await removeAll(tx, { at, received: event, userId, reason: 'app_uninstalled' });
        }
        await removeAll(tx, { at, received: event, userId: null, reason: 'app_uninstalled' });
      }),
  };
}

/** How a request ends that was answered, by what the user holds after the answer. */
function toEnd(request: PermissionRequest, held: ReadonlySet<string>): RequestState {
  if (request.scopes.every((scope) => held.has(scope))) return 'granted';
  return request.scopes.some((scope) => held.has(scope)) ? 'partly_granted' : 'denied';
}
