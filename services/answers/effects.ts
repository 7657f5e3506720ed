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

/** What a batch of events comes to, gathered in memory and written in a few statements. */
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
  const { teamId, enterpriseId, userId, scopes, type } = event;
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
    error: isLate ? 'superseded' : (event.error ?? null),
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
  if (userId !== null && !isLate)
    writing.notices.push({ teamId, enterpriseId, userId, event: event.error ?? type, scopes });
}

/** What the app holds without having asked for it. Of these, what stood before is no news. */
function recordNotRequested(writing: Writing, event: AnswerEvent): void {
  const { teamId, enterpriseId, userId } = event;
  const owner = { teamId, userId: userId ?? APP };
  const scopes = event.scopes.filter(
    (scope) => writing.standings.grant(owner, scope, toTold(writing, event)) === 'changed',
  );
  if (scopes.length === 0) return;
  writing.entries.push({
    ...toEntry(writing, event, 'granted', userId, scopes, undefined),
    error: NOT_REQUESTED,
  });
  if (userId !== null) writing.notices.push({ teamId, enterpriseId, userId, event: NOT_REQUESTED, scopes });
}

export function recordRemoved(
  writing: Writing,
  event: RemovedEvent,
  request: PermissionRequest | undefined,
): void {
  const { teamId, enterpriseId, userId } = event;
  const scopes = removeAll(writing, event, userId, { request });
  if (scopes !== undefined) writing.notices.push({ teamId, enterpriseId, userId, event: 'removed', scopes });
}

/** `appToo`: the app's own token is among them. */
export function recordTokensRevoked(
  writing: Writing,
  event: TokensRevokedEvent,
  { appToo }: { appToo: boolean },
): void {
  const { enterpriseId, type: reason } = event;
  // Of an organisation it is not said where they had granted something.
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
 * Ends all that a user (or the app: null) holds and writes it down; answers with the scopes. Where nothing stood and
 * a removal was known of, the event tells nothing new and is not written. Undefined where there is nothing to tell.
 */
export function removeAll(
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
  // Nothing was ended because all that stands was granted later: to say that it was taken back would be wrong.
  const isLate = scopes.length === 0 && writing.standings.heldScopes(owner).length > 0;
  const entry = toEntry(writing, event, 'removed', userId, scopes, request);
  writing.entries.push({ ...entry, reason: reason ?? entry.reason, error: isLate ? 'superseded' : null });
  return isLate ? undefined : scopes;
}

export function toTold(writing: Writing, event: GrantEvent) {
  return {
    time: event.time,
    at: writing.at,
    source: event.source,
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
    source: event.source,
    requestId: request?.id ?? null,
    triggerSource: request?.triggerSource ?? null,
    eventId: event.source === 'slack_event' ? event.eventId : null,
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
