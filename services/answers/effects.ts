import type { RequestState } from '../database/schema';
import { APP, type Standings } from '../grants/grant-state';
import type { NewLogEntry } from '../grants/log/store';
import type { Notice } from '../messages/outbox-store';
import type { PermissionRequest, StandingRequest } from '../permissions/requests/store';
import { isOrganisationId } from '../slack/workspace';
import {
  type AnswerEvent,
  type GrantEvent,
  NOT_REQUESTED,
  type RemovedEvent,
  type TokensRevokedEvent,
} from './event';

/** The effects of a batch of events, collected in memory and written in a few statements. */
export interface Writing {
  at: string;
  standings: Standings;
  sweeps: ReadonlyMap<string, number>;
  entries: NewLogEntry[];
  notices: Notice[];
  ends: Map<string, RequestState>;
}

export function recordAnswer(writing: Writing, event: AnswerEvent, found: StandingRequest | undefined): void {
  if (event.error === NOT_REQUESTED) {
    recordNotRequested(writing, event);
    return;
  }
  const { standings, entries, ends, notices } = writing;
  const { teamId, enterpriseId, userId, scopes, type } = event;
  const owner = { teamId, userId: userId ?? APP };
  const told = toTold(writing, event);
  const granted = type === 'denied' ? [] : [...new Set(scopes)];
  const effects = granted.map((scope) => standings.grant(owner, scope, told));
  const isLate = effects.length > 0 && effects.every((effect) => effect === 'late');
  // A repeated event: it answers no open request and changes nothing.
  if (effects.length > 0 && found === undefined && effects.every((effect) => effect === 'unchanged')) return;

  const error = isLate ? 'superseded' : (event.error ?? null);
  entries.push({ ...toEntry(writing, event, type, userId, scopes, found?.request), error });
  if (found !== undefined) {
    found.state = toEnd(type, found, [...scopes, ...standings.heldScopes(owner)]);
    ends.set(found.request.id, found.state);
  }
  if (userId !== null && !isLate)
    notices.push({ teamId, enterpriseId, userId, event: event.error ?? type, scopes });
}

/** Scopes that the app got without asking; those that were held before are not recorded again. */
function recordNotRequested(writing: Writing, event: AnswerEvent): void {
  const { teamId, enterpriseId, userId } = event;
  const owner = { teamId, userId: userId ?? APP };
  const told = toTold(writing, event);
  const scopes = event.scopes.filter((scope) => writing.standings.grant(owner, scope, told) === 'changed');
  if (scopes.length === 0) return;
  const entry = toEntry(writing, event, 'granted', userId, scopes, undefined);
  writing.entries.push({ ...entry, error: NOT_REQUESTED });
  if (userId !== null) writing.notices.push({ teamId, enterpriseId, userId, event: NOT_REQUESTED, scopes });
}

export function recordRemoved(writing: Writing, event: RemovedEvent, request?: PermissionRequest): void {
  const { teamId, enterpriseId, userId } = event;
  const scopes = removeAll(writing, event, userId, { request });
  if (scopes !== undefined) writing.notices.push({ teamId, enterpriseId, userId, event: 'removed', scopes });
}

/** `appToo`: the app's own token was revoked too. */
export function recordTokensRevoked(
  writing: Writing,
  event: TokensRevokedEvent,
  { appToo }: { appToo: boolean },
): void {
  const { enterpriseId, type: reason } = event;
  // An organisation's event does not say in which workspaces the users had granted something.
  const onlyIfHeld = isOrganisationId(event.teamId);
  for (const teamId of event.teamIds) {
    for (const userId of event.userIds) {
      const scopes = removeAll(writing, { ...event, teamId }, userId, { reason, onlyIfHeld }) ?? [];
      if (!appToo && scopes.length > 0)
        writing.notices.push({ teamId, enterpriseId, userId, event: 'removed', scopes });
    }
  }
  if (appToo) removeAll(writing, event, null, { reason });
}

/**
 * Ends everything that a user (or the app: null) holds, and adds the log entry. Returns the scopes, or undefined where
 * nobody has to be notified. Writes nothing where nothing was held and a removal is known already.
 */
export function removeAll(
  writing: Writing,
  event: GrantEvent,
  userId: string | null,
  options: { request?: PermissionRequest | undefined; reason?: string; onlyIfHeld?: boolean },
): string[] | undefined {
  const { request, reason, onlyIfHeld = false } = options;
  const owner = { teamId: event.teamId, userId: userId ?? APP };
  const wasRemoved = writing.standings.wasRemoved(owner) || onlyIfHeld;
  const scopes = writing.standings.removeAll(owner, toTold(writing, event));
  if (scopes.length === 0 && wasRemoved) return undefined;
  // Nothing was ended because everything held was granted later: the user must not be told that it was taken back.
  const isLate = scopes.length === 0 && writing.standings.heldScopes(owner).length > 0;
  const entry = toEntry(writing, event, 'removed', userId, scopes, request);
  writing.entries.push({ ...entry, reason: reason ?? entry.reason, error: isLate ? 'superseded' : null });
  return isLate ? undefined : scopes;
}

export function toTold({ at, sweeps }: Writing, { teamId, time, source }: GrantEvent) {
  return { time, at, source, sweepId: sweeps.get(teamId) ?? 0 };
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
    source: event.source,
    requestId: request?.id ?? null,
    triggerSource: request?.triggerSource ?? null,
    eventId: event.source === 'slack_event' ? event.eventId : null,
    error: null,
    reason: request?.reason ?? null,
  };
}

/** The state of a request after an answer; `granted`: all that the user has granted. */
function toEnd(
  type: 'granted' | 'denied',
  { request, state }: StandingRequest,
  granted: readonly string[],
): RequestState {
  if (type === 'denied')
    return state === 'granted' || state === 'partly_granted' ? 'partly_granted' : 'denied';
  return request.scopes.every((scope) => granted.includes(scope)) ? 'granted' : 'partly_granted';
}
