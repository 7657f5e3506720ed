import type { Queryable } from '../database/schema';
import { APP_USER_ID, createGrantStates, type Owner } from '../grants/grant-state';
import { insertLogEntries } from '../grants/log/store';
import {
  insertReceivedEvents,
  listHolders,
  listOpenSweeps,
  loadGrantStates,
  saveGrantStates,
} from '../grants/store';
import { insertNotices } from '../messages/outbox-store';
import type { CountedEntry } from '../metrics/metrics';
import { deleteBotInstallation, listBotInstallations } from '../oauth/bot-store';
import { deleteUserTokens } from '../oauth/user-store';
import { leaveEnterprise } from '../oauth/workspace-store';
import {
  endRequests,
  findRequestsByTrigger,
  findRequestWithState,
  listOpenRequests,
  type RequestWithState,
} from '../permissions/requests/store';
import { toIsoTime } from '../runtime/clock';
import {
  type PendingWrites,
  recordAnswer,
  recordRemoved,
  recordTokensRevoked,
  removeAll,
  toChangeOrigin,
} from './effects';
import {
  type AnswerEvent,
  type EndingEvent,
  type GrantEvent,
  isEndingEvent,
  NOT_REQUESTED,
  type RemovedEvent,
  type TokensRevokedEvent,
  toDedupeKey,
} from './event';

const HOLDER_BATCH_SIZE = 500;

/** The result of recording events. */
export interface Recorded {
  /** Whether a message to a user is in the outbox. */
  hasNotices: boolean;
  /** How many events had been recorded before. */
  duplicates: number;
  /** The log entries. Of an uninstall only the app's own: it can end every grant of a workspace. */
  entries: CountedEntry[];
}

/**
 * Records events in order, in the given transaction; a batch has the same result as its events one by one. Events that
 * were recorded before, under the same id or another, change nothing.
 */
export async function recordEvents(
  tx: Queryable,
  received: readonly GrantEvent[],
  nowMs: number,
): Promise<Recorded> {
  const at = toIsoTime(nowMs);
  const events = await dropDuplicates(tx, received, at);
  const recorded: Recorded = { hasNotices: false, duplicates: received.length - events.length, entries: [] };
  if (events.length === 0) return recorded;
  const sweeps = await listOpenSweeps(tx);
  for (const group of groupEvents(events)) {
    const writes = await recordGroup(tx, group, { at, sweeps });
    await saveGrantStates(tx, writes.grantStates.listChanged());
    await insertLogEntries(tx, writes.entries);
    await endRequests(
      tx,
      [...writes.ends].map(([id, state]) => ({ id, state })),
    );
    await insertNotices(tx, writes.notices);
    recorded.entries.push(...writes.entries);
    recorded.hasNotices ||= writes.notices.length > 0;
  }
  return recorded;
}

/** An ending event is a group of its own: it reads what it ends, so everything before it must be saved first. */
function groupEvents(events: readonly GrantEvent[]): GrantEvent[][] {
  const groups: GrantEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const standsAlone = isEndingEvent(event) || (before !== undefined && isEndingEvent(before));
    if (last === undefined || standsAlone) groups.push([event]);
    else last.push(event);
  }
  return groups;
}

async function recordGroup(
  tx: Queryable,
  events: readonly GrantEvent[],
  { at, sweeps }: Pick<PendingWrites, 'at' | 'sweeps'>,
): Promise<PendingWrites> {
  const requests = await findRequests(tx, events);
  const grantStates = createGrantStates(await loadGrantStates(tx, events.flatMap(toOwners)));
  const writes: PendingWrites = { at, sweeps, grantStates, entries: [], notices: [], ends: new Map() };
  for (const event of events) {
    switch (event.type) {
      case 'granted':
      case 'denied':
        recordAnswer(writes, event, requests(event));
        break;
      case 'removed':
        recordRemoved(writes, event, requests(event)?.request);
        break;
      case 'tokens_revoked':
        recordTokensRevoked(writes, event, { appToo: await matchesStoredBot(tx, event) });
        await eraseTokens(tx, event);
        break;
      case 'app_uninstalled':
      case 'team_access_revoked':
        for (const teamId of event.teamIds) await recordEnding(tx, writes, { ...event, teamId });
        await eraseTokens(tx, event);
    }
  }
  return writes;
}

/** Drops events that are recorded already, or are twice in the batch. */
async function dropDuplicates(
  tx: Queryable,
  received: readonly GrantEvent[],
  at: string,
): Promise<GrantEvent[]> {
  const seen = new Set<string>();
  const candidates = received.flatMap((event) => {
    const { eventId } = event;
    const meaning = toDedupeKey(event);
    if (seen.has(`id ${eventId}`) || seen.has(meaning)) return [];
    seen.add(`id ${eventId}`).add(meaning);
    return [{ event, eventId, meaning }];
  });
  const isNew = await insertReceivedEvents(tx, candidates, at);
  return candidates.filter(({ eventId }) => isNew.has(eventId)).map(({ event }) => event);
}

function toOwners(event: GrantEvent): Owner[] {
  const { teamId } = event;
  switch (event.type) {
    case 'tokens_revoked':
      return [teamId, ...event.teamIds].flatMap((id) =>
        [...event.userIds, APP_USER_ID].map((userId) => ({ teamId: id, userId })),
      );
    case 'app_uninstalled':
    case 'team_access_revoked':
      return event.teamIds.map((id) => ({ teamId: id, userId: APP_USER_ID }));
    default:
      return [{ teamId, userId: event.userId ?? APP_USER_ID }];
  }
}

/** Finds an event's request: by its id, by its trigger, or else the user's newest open request with those scopes. */
async function findRequests(
  tx: Queryable,
  events: readonly GrantEvent[],
): Promise<(event: AnswerEvent | RemovedEvent) => RequestWithState | undefined> {
  const triggerIds = events.flatMap((event) => ('triggerId' in event ? (event.triggerId ?? []) : []));
  const byTrigger = await findRequestsByTrigger(tx, triggerIds);
  const named = new Map<string, RequestWithState | undefined>();
  const toRequestId = (event: GrantEvent) => ('requestId' in event ? (event.requestId ?? '') : '');
  for (const id of new Set(events.map(toRequestId)))
    if (id !== '') named.set(id, await findRequestWithState(tx, id));
  const joined = (event: AnswerEvent | RemovedEvent) => {
    const { triggerId, teamId, userId } = event;
    const found = named.get(toRequestId(event)) ?? byTrigger.get(triggerId ?? '');
    return found?.request.teamId === teamId && found.request.userId === userId ? found : undefined;
  };
  const unjoined = events.filter(
    (event) => 'scopes' in event && event.userId !== null && event.error !== NOT_REQUESTED && !joined(event),
  );
  // One object per request: the next event of the batch must see what this one changes.
  const byId = new Map([...byTrigger.values()].map((found) => [found.request.id, found]));
  const open = (await listOpenRequests(tx, unjoined.flatMap(toOwners))).map(
    (found) => byId.get(found.request.id) ?? found,
  );

  return (event) => {
    const found = joined(event);
    if (found !== undefined || event.type === 'removed' || event.error === NOT_REQUESTED) return found;
    return open.find(
      ({ request, state }) =>
        state === 'requested' &&
        request.teamId === event.teamId &&
        request.userId === event.userId &&
        event.scopes.every((scope) => request.scopes.includes(scope)),
    );
  };
}

/** Ends the grants of every user of the event's team, in batches. */
async function recordEnding(tx: Queryable, writes: PendingWrites, event: EndingEvent): Promise<void> {
  const { teamId, type } = event;
  let after: string | undefined = APP_USER_ID;
  do {
    const holders: string[] = await listHolders(tx, { teamId, after, limit: HOLDER_BATCH_SIZE });
    const owners = holders.map((userId) => ({ teamId, userId }));
    const grantStates = createGrantStates(await loadGrantStates(tx, owners));
    const part = { ...writes, grantStates, entries: [] };
    for (const userId of holders) removeAll(part, event, userId, { reason: type, onlyIfHeld: true });
    await saveGrantStates(tx, grantStates.listChanged());
    await insertLogEntries(tx, part.entries);
    after = holders.length === HOLDER_BATCH_SIZE ? holders.at(-1) : undefined;
  } while (after !== undefined);
  removeAll(writes, event, null, { reason: type });
  writes.grantStates.removeTeam(teamId, toChangeOrigin(writes, event));
}

/** A revoked bot that is not the stored one is an earlier one, and ends nothing. `SLACK_BOT_TOKEN` is not stored. */
async function matchesStoredBot(
  tx: Queryable,
  { botUserIds, installation }: TokensRevokedEvent,
): Promise<boolean> {
  if (botUserIds.length === 0) return false;
  const stored = (await listBotInstallations(tx, [installation])).get(installation);
  return stored?.botUserId === undefined || botUserIds.includes(stored.botUserId);
}

/** Deletes tokens that no longer work, in the transaction of their log entries. */
async function eraseTokens(tx: Queryable, event: EndingEvent | TokensRevokedEvent): Promise<void> {
  const { type, enterpriseId, time } = event;
  const users = type === 'tokens_revoked' ? { userIds: event.userIds } : {};
  for (const teamId of event.teamIds) await deleteUserTokens(tx, { teamId, time, ...users });
  switch (type) {
    case 'team_access_revoked':
      return leaveEnterprise(tx, event.teamIds, enterpriseId);
    case 'app_uninstalled':
      return deleteBotInstallation(tx, { key: event.installation, time });
    case 'tokens_revoked':
      return deleteBotInstallation(tx, { key: event.installation, time, botUserIds: event.botUserIds });
  }
}
