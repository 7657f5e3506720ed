import type { RequestState } from '../database/schema';
import { APP_USER_ID, type GrantStates } from '../grants/grant-state';
import type { NewLogEntry } from '../grants/log/store';
import type { Notice } from '../messages/outbox-store';
import type { PermissionRequest, RequestWithState } from '../permissions/requests/store';
import { isEnterpriseId } from '../slack/workspace';
import {
  type AnswerEvent,
  type GrantEvent,
  NOT_REQUESTED,
  type RemovedEvent,
  type TokensRevokedEvent,
} from './event';

/** The effects of a batch of events, collected in memory and written in a few statements. */
export interface PendingWrites {
  at: string;
  grantStates: GrantStates;
  sweeps: ReadonlyMap<string, number>;
  entries: NewLogEntry[];
  notices: Notice[];
  ends: Map<string, RequestState>;
}

export function recordAnswer(
  writes: PendingWrites,
  event: AnswerEvent,
  found: RequestWithState | undefined,
): void {
  if (event.error === NOT_REQUESTED) {
    recordNotRequested(writes, event);
    return;
  }
  const { grantStates, entries, ends, notices } = writes;
  const { teamId, enterpriseId, userId, scopes, type } = event;
  const owner = { teamId, userId: userId ?? APP_USER_ID };
  const origin = toChangeOrigin(writes, event);
  const granted = type === 'denied' ? [] : [...new Set(scopes)];
  const effects = granted.map((scope) => grantStates.grant(owner, scope, origin));
  const isLate = effects.length > 0 && effects.every((effect) => effect === 'late');
  // A repeated event: it answers no open request and changes nothing.
  if (effects.length > 0 && found === undefined && effects.every((effect) => effect === 'unchanged')) return;

  const error = isLate ? 'superseded' : (event.error ?? null);
  entries.push(toEntry(writes, event, { event: type, userId, scopes, error }, found?.request));
  if (found !== undefined) {
    found.state = toEnd(type, found, [...scopes, ...grantStates.heldScopes(owner)]);
    ends.set(found.request.id, found.state);
  }
  if (userId !== null && !isLate)
    notices.push({ teamId, enterpriseId, userId, event: event.error ?? type, scopes });
}

/** Scopes that the app got without asking. Those that were held before are not recorded again. */
function recordNotRequested(writes: PendingWrites, event: AnswerEvent): void {
  const { teamId, enterpriseId, userId } = event;
  const owner = { teamId, userId: userId ?? APP_USER_ID };
  const origin = toChangeOrigin(writes, event);
  const scopes = event.scopes.filter((scope) => writes.grantStates.grant(owner, scope, origin) === 'changed');
  if (scopes.length === 0) return;
  writes.entries.push(toEntry(writes, event, { event: 'granted', userId, scopes, error: NOT_REQUESTED }));
  if (userId !== null) writes.notices.push({ teamId, enterpriseId, userId, event: NOT_REQUESTED, scopes });
}

export function recordRemoved(writes: PendingWrites, event: RemovedEvent, request?: PermissionRequest): void {
  const { teamId, enterpriseId, userId } = event;
  const scopes = removeAll(writes, event, userId, { request });
  if (scopes !== undefined) writes.notices.push({ teamId, enterpriseId, userId, event: 'removed', scopes });
}

/** `appToo`: the app's own token was revoked too. */
export function recordTokensRevoked(
  writes: PendingWrites,
  event: TokensRevokedEvent,
  { appToo }: { appToo: boolean },
): void {
  const { enterpriseId, type: reason } = event;
  // An organisation's event does not say in which workspaces the users had granted something.
  const onlyIfHeld = isEnterpriseId(event.teamId);
  for (const teamId of event.teamIds) {
    for (const userId of event.userIds) {
      const scopes = removeAll(writes, { ...event, teamId }, userId, { reason, onlyIfHeld }) ?? [];
      if (!appToo && scopes.length > 0)
        writes.notices.push({ teamId, enterpriseId, userId, event: 'removed', scopes });
    }
  }
  if (appToo) removeAll(writes, event, null, { reason });
}

/**
 * Ends everything that a user (or the app: null) holds, and adds the log entry. Returns the scopes, or undefined where
 * nobody has to be notified. Writes nothing where nothing was held and a removal is known already.
 */
export function removeAll(
  writes: PendingWrites,
  event: GrantEvent,
  userId: string | null,
  options: { request?: PermissionRequest | undefined; reason?: string; onlyIfHeld?: boolean },
): string[] | undefined {
  const { request, reason, onlyIfHeld = false } = options;
  const owner = { teamId: event.teamId, userId: userId ?? APP_USER_ID };
  const wasRemoved = writes.grantStates.wasRemoved(owner) || onlyIfHeld;
  const scopes = writes.grantStates.removeAll(owner, toChangeOrigin(writes, event));
  if (scopes.length === 0 && wasRemoved) return undefined;
  // Nothing was ended because everything held was granted later: the user must not be told that it was taken back.
  const isLate = scopes.length === 0 && writes.grantStates.heldScopes(owner).length > 0;
  const removed = { event: 'removed', userId, scopes, error: isLate ? 'superseded' : null } as const;
  const entry = toEntry(writes, event, removed, request);
  writes.entries.push(reason === undefined ? entry : { ...entry, reason });
  return isLate ? undefined : scopes;
}

export function toChangeOrigin({ at, sweeps }: PendingWrites, { teamId, time, source }: GrantEvent) {
  return { time, at, source, sweepId: sweeps.get(teamId) ?? 0 };
}

function toEntry(
  { at }: PendingWrites,
  { teamId, source, eventId }: GrantEvent,
  logged: Pick<NewLogEntry, 'event' | 'userId' | 'scopes' | 'error'>,
  request?: PermissionRequest,
): NewLogEntry {
  const { id: requestId = null, triggerSource = null, reason = null } = request ?? {};
  const asked = { requestId, triggerSource, reason };
  return { at, teamId, source, ...logged, ...asked, eventId: source === 'slack_event' ? eventId : null };
}

/** The state of a request after an answer; `granted`: all that the user has granted. */
function toEnd(
  type: 'granted' | 'denied',
  { request, state }: RequestWithState,
  granted: readonly string[],
): RequestState {
  if (type === 'denied')
    return state === 'granted' || state === 'partly_granted' ? 'partly_granted' : 'denied';
  return request.scopes.every((scope) => granted.includes(scope)) ? 'granted' : 'partly_granted';
}
