import { toIsoTime } from '../clock';
import type { Queryable } from '../database/database';
import type { RequestState } from '../database/schema';
import { insertNotices, type Notice } from '../notices/store';
import {
  endRequests,
  findRequestsByTrigger,
  listOpenRequests,
  type PermissionRequest,
  type StandingRequest,
} from '../requests/store';
import { listOpenSweeps } from '../sync/store';
import {
  type AnswerEvent,
  type GrantEvent,
  type RemovedEvent,
  type TokensRevokedEvent,
  toMeaning,
  type UninstalledEvent,
} from './event';
import { APP, createStandings, type Owner, type Standings } from './standing';
import {
  insertLogEntries,
  insertReceivedEvents,
  listHolders,
  loadStandings,
  type NewLogEntry,
  saveStandings,
} from './store';

const HOLDERS_AT_ONCE = 500;

/** What a batch of events comes to, gathered in memory and written in a few statements. */
interface Writing {
  at: string;
  standings: Standings;
  sweeps: ReadonlyMap<string, number>;
  entries: NewLogEntry[];
  notices: Notice[];
  ends: Map<string, RequestState>;
}

/**
 * Records events in their order, in the transaction given; the same events one by one come to the same. Events that were
 * recorded before, under the same id or another, change nothing. Returns whether there is something to tell a user.
 */
export async function recordEvents(
  tx: Queryable,
  received: readonly GrantEvent[],
  nowMs: number,
): Promise<boolean> {
  const at = toIsoTime(nowMs);
  const events = await keepNew(tx, received, at);
  if (events.length === 0) return false;
  const sweeps = await listOpenSweeps(tx);
  let isToTell = false;
  for (const group of toGroups(events)) {
    const writing = await recordGroup(tx, group, { at, sweeps });
    await saveStandings(tx, writing.standings.changed());
    await insertLogEntries(tx, writing.entries);
    await endRequests(
      tx,
      [...writing.ends].map(([id, state]) => ({ id, state })),
    );
    await insertNotices(tx, writing.notices);
    if (writing.notices.length > 0) isToTell = true;
  }
  return isToTell;
}

/** What an uninstalling touches is known only when it is read: it stands alone, and what came before it is saved first. */
function toGroups(events: readonly GrantEvent[]): GrantEvent[][] {
  const groups: GrantEvent[][] = [];
  for (const event of events) {
    const last = groups.at(-1);
    const standsAlone = event.type === 'app_uninstalled' || last?.at(-1)?.type === 'app_uninstalled';
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
        recordTokensRevoked(writing, event);
        break;
      case 'app_uninstalled':
        await recordUninstalled(tx, writing, event);
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
      return [...event.userIds, APP].map((userId) => ({ teamId, userId }));
    case 'app_uninstalled':
      return [{ teamId, userId: APP }];
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
  const joined = ({ triggerId, teamId, userId }: AnswerEvent | RemovedEvent) => {
    const found = triggerId === undefined ? undefined : byTrigger.get(triggerId);
    return found?.request.teamId === teamId && found.request.userId === userId ? found : undefined;
  };
  const unjoined = events.filter(
    (event) => 'scopes' in event && event.userId !== null && joined(event) === undefined,
  );
  const open = await listOpenRequests(tx, unjoined.flatMap(toOwners));

  return (event) => {
    const found = joined(event);
    if (found !== undefined || event.type === 'removed') return found;
    return open.find(
      ({ request, state }) =>
        state === 'requested' &&
        request.teamId === event.teamId &&
        request.userId === event.userId &&
        event.scopes.every((scope) => request.scopes.includes(scope)),
    );
  };
}

function recordAnswer(writing: Writing, event: AnswerEvent, found: StandingRequest | undefined): void {
  const { teamId, userId, scopes, type } = event;
  const owner = { teamId, userId: userId ?? APP };
  const effects =
    type === 'denied'
      ? []
      : [...new Set(scopes)].map((scope) => writing.standings.grant(owner, scope, toTold(writing, event)));
  const isLate = effects.length > 0 && effects.every((effect) => effect === 'late');
  // Told again in other words: nobody asked, and nothing came of it.
  if (effects.length > 0 && found === undefined && effects.every((effect) => effect === 'unchanged')) return;

  writing.entries.push({
    ...toEntry(writing, event, type, userId, scopes, found?.request),
    error: isLate ? 'superseded' : null,
  });
  if (found !== undefined) {
    found.state = toEnd(
      type,
      found.request,
      [...scopes, ...writing.standings.heldScopes(owner)],
      found.state,
    );
    writing.ends.set(found.request.id, found.state);
  }
  if (userId !== null && !isLate) writing.notices.push({ teamId, userId, event: type, scopes });
}

function recordRemoved(writing: Writing, event: RemovedEvent, request: PermissionRequest | undefined): void {
  const { teamId, userId } = event;
  const scopes = removeAll(writing, event, userId, { request });
  if (scopes !== undefined) writing.notices.push({ teamId, userId, event: 'removed', scopes });
}

function recordTokensRevoked(writing: Writing, event: TokensRevokedEvent): void {
  const { teamId, appToo } = event;
  for (const userId of event.userIds) {
    const scopes = removeAll(writing, event, userId, { reason: event.type }) ?? [];
    if (!appToo && scopes.length > 0) writing.notices.push({ teamId, userId, event: 'removed', scopes });
  }
  if (appToo) removeAll(writing, event, null, { reason: event.type });
}

/** Every user of the team that holds something, some hundred at a time. */
async function recordUninstalled(tx: Queryable, writing: Writing, event: UninstalledEvent): Promise<void> {
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

/**
 * Ends all that a user (or the app: null) holds and writes it down; answers with the scopes. Where nothing stood and
 * a removal was known of, the event tells nothing new, is not written, and undefined is answered.
 */
function removeAll(
  writing: Writing,
  event: GrantEvent,
  userId: string | null,
  {
    request,
    reason = null,
    onlyIfHeld = false,
  }: { request?: PermissionRequest | undefined; reason?: string | null; onlyIfHeld?: boolean },
): string[] | undefined {
  const owner = { teamId: event.teamId, userId: userId ?? APP };
  const wasRemoved = writing.standings.wasRemoved(owner) || onlyIfHeld;
  const scopes = writing.standings.removeAll(owner, toTold(writing, event));
  if (scopes.length === 0 && wasRemoved) return undefined;
  const entry = toEntry(writing, event, 'removed', userId, scopes, request);
  writing.entries.push({ ...entry, reason: reason ?? entry.reason });
  return scopes;
}

function toTold(writing: Writing, event: GrantEvent) {
  return {
    time: event.time,
    at: writing.at,
    source: 'slack_event' as const,
    sweepId: writing.sweeps.get(event.teamId) ?? 0,
  };
}

function toEntry(
  writing: Writing,
  event: GrantEvent,
  logged: NewLogEntry['event'],
  userId: string | null,
  scopes: string[],
  request: PermissionRequest | undefined,
): NewLogEntry {
  return {
    at: writing.at,
    teamId: event.teamId,
    userId,
    event: logged,
    scopes,
    source: 'slack_event',
    requestId: request?.id ?? null,
    triggerSource: request?.triggerSource ?? null,
    eventId: event.eventId,
    error: null,
    reason: request?.reason ?? null,
  };
}

/** How a request ends that was answered, by the scopes of it that the user has granted. */
function toEnd(
  type: 'granted' | 'denied',
  request: PermissionRequest,
  granted: readonly string[],
  before: RequestState,
): RequestState {
  if (type === 'denied')
    return before === 'granted' || before === 'partly_granted' ? 'partly_granted' : 'denied';
  return request.scopes.every((scope) => granted.includes(scope)) ? 'granted' : 'partly_granted';
}
