import type { Queryable } from '../database/schema';
import { APP, createStandings, type Owner } from '../grants/grant-state';
import { insertLogEntries } from '../grants/log/store';
import {
  insertReceivedEvents,
  listHolders,
  listOpenSweeps,
  loadStandings,
  saveStandings,
} from '../grants/store';
import { insertNotices } from '../messages/outbox-store';
import type { CountedEntry } from '../metrics/metrics';
import { deleteBotInstallation, listBotInstallations } from '../oauth/bot-store';
import { deleteUserTokens } from '../oauth/user-store';
import { leaveOrganisation } from '../oauth/workspace-store';
import {
  endRequests,
  findRequestsByTrigger,
  findStandingRequest,
  listOpenRequests,
  type StandingRequest,
} from '../permissions/requests/store';
import { toIsoTime } from '../runtime/clock';
import { recordAnswer, recordRemoved, recordTokensRevoked, removeAll, toTold, type Writing } from './effects';
import {
  type AnswerEvent,
  type EndingEvent,
  type GrantEvent,
  isEnding,
  NOT_REQUESTED,
  type RemovedEvent,
  type TokensRevokedEvent,
  toMeaning,
} from './event';

const HOLDERS_AT_ONCE = 500;

/** What came of events. */
export interface Recorded {
  /** There is something to tell a user. */
  isToTell: boolean;
  /** So many were recorded before. */
  repeated: number;
  /** Of an uninstalling only the app's own: it may end everything that a workspace granted. */
  entries: CountedEntry[];
}

/**
 * Records events in their order, in the transaction given; the same events one by one come to the same. Events that were
 * recorded before, under the same id or another, change nothing.
 */
export async function recordEvents(
  tx: Queryable,
  received: readonly GrantEvent[],
  nowMs: number,
): Promise<Recorded> {
  const at = toIsoTime(nowMs);
  const events = await keepNew(tx, received, at);
  const recorded: Recorded = {
    isToTell: false,
    repeated: received.length - events.length,
    entries: [],
  };
  if (events.length === 0) return recorded;
  const sweeps = await listOpenSweeps(tx);
  for (const group of toGroups(events)) {
    const writing = await recordGroup(tx, group, { at, sweeps });
    await saveStandings(tx, writing.standings.changed());
    await insertLogEntries(tx, writing.entries);
    recorded.entries.push(...writing.entries);
    await endRequests(
      tx,
      [...writing.ends].map(([id, state]) => ({ id, state })),
    );
    await insertNotices(tx, writing.notices);
    if (writing.notices.length > 0) recorded.isToTell = true;
  }
  return recorded;
}

/** What an uninstalling touches is known only when it is read: it stands alone, and what came before it is saved first. */
function toGroups(events: readonly GrantEvent[]): GrantEvent[][] {
  const groups: GrantEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    const standsAlone = isEnding(event) || (before !== undefined && isEnding(before));
    if (last === undefined || standsAlone) groups.push([event]);
    else last.push(event);
  }
  return groups;
}

async function recordGroup(
  tx: Queryable,
  events: readonly GrantEvent[],
  { at, sweeps }: Pick<Writing, 'at' | 'sweeps'>,
): Promise<Writing> {
  const requests = await findRequests(tx, events);
  const standings = createStandings(await loadStandings(tx, events.flatMap(toOwners)));
  const writing: Writing = { at, sweeps, standings, entries: [], notices: [], ends: new Map() };
  for (const event of events) {
    switch (event.type) {
      case 'granted':
      case 'denied':
        recordAnswer(writing, event, requests(event));
        break;
      case 'removed':
        recordRemoved(writing, event, requests(event)?.request);
        break;
      case 'tokens_revoked':
        recordTokensRevoked(writing, event, { appToo: await namesStoredBot(tx, event) });
        await eraseTokens(tx, event);
        break;
      case 'app_uninstalled':
      case 'team_access_revoked':
        await recordEnding(tx, writing, event);
        await eraseTokens(tx, event);
    }
  }
  return writing;
}

/** Drops what is recorded already, or stands twice in the batch. */
async function keepNew(tx: Queryable, received: readonly GrantEvent[], at: string): Promise<GrantEvent[]> {
  const byId = new Map<string, { event: GrantEvent; eventId: string; meaning: string }>();
  const meanings = new Set<string>();
  for (const event of received) {
    const meaning = toMeaning(event);
    if (byId.has(event.eventId) || meanings.has(meaning)) continue;
    meanings.add(meaning);
    byId.set(event.eventId, { event, eventId: event.eventId, meaning });
  }
  const candidates = [...byId.values()];
  const isNew = await insertReceivedEvents(tx, candidates, at);
  return candidates.filter(({ eventId }) => isNew.has(eventId)).map(({ event }) => event);
}

function toOwners(event: GrantEvent): Owner[] {
  const { teamId } = event;
  switch (event.type) {
    case 'tokens_revoked':
      return [teamId, ...event.teamIds].flatMap((id) =>
        [...event.userIds, APP].map((userId) => ({ teamId: id, userId })),
      );
    case 'app_uninstalled':
    case 'team_access_revoked':
      return event.teamIds.map((id) => ({ teamId: id, userId: APP }));
    default:
      return [{ teamId, userId: event.userId ?? APP }];
  }
}

/** The request that used up the event's trigger; for an answer that no trigger joins, the user's newest open one with those scopes. */
async function findRequests(
  tx: Queryable,
  events: readonly GrantEvent[],
): Promise<(event: AnswerEvent | RemovedEvent) => StandingRequest | undefined> {
  const triggerIds = events.flatMap((event) => ('triggerId' in event ? (event.triggerId ?? []) : []));
  const byTrigger = await findRequestsByTrigger(tx, triggerIds);
  const named = new Map<string, StandingRequest>();
  for (const event of events) {
    if (!('requestId' in event) || event.requestId === undefined || named.has(event.requestId)) continue;
    const request = await findStandingRequest(tx, event.requestId);
    if (request !== undefined) named.set(event.requestId, request);
  }
  const joined = (event: AnswerEvent | RemovedEvent) => {
    const { triggerId, teamId, userId } = event;
    const byId =
      'requestId' in event && event.requestId !== undefined ? named.get(event.requestId) : undefined;
    const found = byId ?? (triggerId === undefined ? undefined : byTrigger.get(triggerId));
    return found?.request.teamId === teamId && found.request.userId === userId ? found : undefined;
  };
  const unjoined = events.filter(
    (event) =>
      'scopes' in event &&
      event.userId !== null &&
      event.error !== NOT_REQUESTED &&
      joined(event) === undefined,
  );
  // One object a request: what one event of the batch ends, the next must find ended.
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

/** Every user of the team that holds something, some hundred at a time. */
async function recordEnding(tx: Queryable, writing: Writing, event: EndingEvent): Promise<void> {
  for (const teamId of event.teamIds) await endTeam(tx, writing, { ...event, teamId });
}

async function endTeam(
  tx: Queryable,
  writing: Writing,
  event: EndingEvent & { teamId: string },
): Promise<void> {
  const { teamId, type } = event;
  let after: string | undefined = APP;
  do {
    const holders: string[] = await listHolders(tx, { teamId, after, limit: HOLDERS_AT_ONCE });
    const owners = holders.map((userId) => ({ teamId, userId }));
    const standings = createStandings(await loadStandings(tx, owners));
    const part = { ...writing, standings, entries: [] };
    for (const userId of holders) removeAll(part, event, userId, { reason: type, onlyIfHeld: true });
    await saveStandings(tx, standings.changed());
    await insertLogEntries(tx, part.entries);
    after = holders.length === HOLDERS_AT_ONCE ? holders.at(-1) : undefined;
  } while (after !== undefined);
  removeAll(writing, event, null, { reason: type });
  writing.standings.removeTeam(teamId, toTold(writing, event));
}

/** A bot that is not the stored one is an earlier one: what stands is not its. Nothing is stored of `SLACK_BOT_TOKEN`. */
async function namesStoredBot(
  tx: Queryable,
  { botUserIds, installation }: TokensRevokedEvent,
): Promise<boolean> {
  if (botUserIds.length === 0) return false;
  const stored = (await listBotInstallations(tx, [installation])).get(installation);
  return stored?.botUserId === undefined || botUserIds.includes(stored.botUserId);
}

/** What no longer works is not kept, in the same transaction that says so in the log. */
async function eraseTokens(tx: Queryable, event: EndingEvent | TokensRevokedEvent): Promise<void> {
  const { type, enterpriseId, time } = event;
  const users = type === 'tokens_revoked' ? { userIds: event.userIds } : {};
  for (const teamId of event.teamIds) await deleteUserTokens(tx, { teamId, time, ...users });
  switch (type) {
    case 'team_access_revoked':
      return leaveOrganisation(tx, event.teamIds, enterpriseId);
    case 'app_uninstalled':
      return deleteBotInstallation(tx, { key: event.installation, time });
    case 'tokens_revoked':
      return deleteBotInstallation(tx, { key: event.installation, time, botUserIds: event.botUserIds });
  }
}
