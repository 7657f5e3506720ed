import type { LogSource } from './log/entry';

/** The user id of grants that belong to the app itself. */
export const APP_USER_ID = '';
/** Every user of a team, or every scope of a user. */
export const WILDCARD = '*';

/** Events and pages are stamped by different clocks of Slack's. Within this tolerance the event wins. */
const PAGE_TOLERANCE_SECONDS = 2;

/** A page overrules what was reported before this time; an event from then on overrules the page. */
export function toPageCutoff(pageTime: number): number {
  return pageTime - PAGE_TOLERANCE_SECONDS;
}

/** What is known of one scope of one user. */
export interface GrantState {
  teamId: string;
  /** Or `APP_USER_ID`, or `WILDCARD`. */
  userId: string;
  /** Or `WILDCARD`. */
  scope: string;
  held: boolean;
  /** Seconds, by Slack's clock. Older reports are ignored. */
  cutoff: number;
  /** The sweep that last saw it, or was open when it was granted. A sweep never ends a scope with its own id. */
  sweepId: number;
  grantedAt: string;
  source: LogSource;
}

/** Who holds scopes. */
export interface Owner {
  teamId: string;
  userId: string;
}

/** What a grant changed; `late`: something newer is known of the scope. */
export type GrantEffect = 'changed' | 'unchanged' | 'late';

/** When and by whom a change was reported. */
interface ChangeOrigin {
  /** Seconds, by Slack's clock. */
  time: number;
  /** ISO 8601, by our clock. */
  at: string;
  source: LogSource;
  /** The team's open sweep; 0: none. */
  sweepId: number;
}

export type GrantStates = ReturnType<typeof createGrantStates>;

/**
 * What is known of some users, and how it changes with what Slack reports, in any order.
 *
 * There is one rule: each scope has a cutoff, the time of the newest report about it, and an older report changes
 * nothing. Taking back everything raises the user's cutoff, uninstalling the team's; the newest of the three counts.
 */
export function createGrantStates(known: readonly GrantState[]) {
  const byOwner = new Map<string, Map<string, GrantState>>();
  const changed = new Set<GrantState>();
  for (const grantState of known) scopesOf(grantState).set(grantState.scope, grantState);

  function scopesOf({ teamId, userId }: Owner): Map<string, GrantState> {
    const key = `${teamId} ${userId}`;
    const scopes = byOwner.get(key) ?? new Map<string, GrantState>();
    byOwner.set(key, scopes);
    return scopes;
  }

  const cutoffOf = (owner: Owner, scope: string) =>
    scopesOf(owner).get(scope)?.cutoff ?? Number.NEGATIVE_INFINITY;
  const ownerCutoff = (owner: Owner) =>
    Math.max(cutoffOf(owner, WILDCARD), cutoffOf({ teamId: owner.teamId, userId: WILDCARD }, WILDCARD));
  const newestCutoff = (owner: Owner, scope: string) => Math.max(cutoffOf(owner, scope), ownerCutoff(owner));

  function save(
    owner: Owner,
    scope: string,
    change: Pick<GrantState, 'held' | 'cutoff' | 'sweepId'>,
    origin: ChangeOrigin,
  ) {
    const { teamId, userId } = owner;
    const granted = { grantedAt: origin.at, source: origin.source };
    const grantState = scopesOf(owner).get(scope) ?? { teamId, userId, scope, ...change, ...granted };
    // A scope that was held all along keeps the time of its first grant.
    Object.assign(grantState, grantState.held && change.held ? change : { ...change, ...granted });
    scopesOf(owner).set(scope, grantState);
    changed.add(grantState);
  }

  const listHeldStates = (owner: Owner) => [...scopesOf(owner).values()].filter(({ held }) => held);

  /** Ends the scopes that `mayEnd` accepts; returns them. */
  function endScopes(
    owner: Owner,
    cutoff: number,
    origin: ChangeOrigin,
    mayEnd: (grantState: GrantState) => boolean,
  ): string[] {
    const ended = listHeldStates(owner).filter(mayEnd);
    for (const { scope } of ended)
      save(owner, scope, { held: false, cutoff, sweepId: origin.sweepId }, origin);
    return toScopes(ended);
  }

  function raiseCutoff(owner: Owner, origin: ChangeOrigin): void {
    const cutoff = Math.max(origin.time, cutoffOf(owner, WILDCARD));
    save(owner, WILDCARD, { held: false, cutoff, sweepId: 0 }, origin);
  }

  return {
    grant(owner: Owner, scope: string, origin: ChangeOrigin): GrantEffect {
      const isHeld = scopesOf(owner).get(scope)?.held === true;
      // Held although it is late: a sweep may have found the scope before its event arrived.
      if (origin.time < newestCutoff(owner, scope)) return isHeld ? 'unchanged' : 'late';
      save(owner, scope, { held: true, cutoff: origin.time, sweepId: origin.sweepId }, origin);
      return isHeld ? 'unchanged' : 'changed';
    },

    /** Ends every scope that was not granted later; returns those it ended. */
    removeAll(owner: Owner, origin: ChangeOrigin): string[] {
      const isOlder = ({ scope }: GrantState) => newestCutoff(owner, scope) <= origin.time;
      const ended = endScopes(owner, origin.time, origin, isOlder);
      raiseCutoff(owner, origin);
      return ended;
    },

    /** Raises the cutoff of every user of a team, including those who are not known here. */
    removeTeam: (teamId: string, origin: ChangeOrigin): void =>
      raiseCutoff({ teamId, userId: WILDCARD }, origin),

    /** Compares a user on a page of `apps.permissions.users.list` with what is known. */
    reconcile(
      owner: Owner,
      scopes: readonly string[],
      page: ChangeOrigin,
    ): { added: string[]; removed: string[] } {
      const time = toPageCutoff(page.time);
      const shown = new Set(scopes);
      const removedAt = ownerCutoff(owner);
      const isNewer = (cutoff = Number.NEGATIVE_INFINITY) => time > removedAt && time > cutoff;
      const added: string[] = [];
      for (const scope of shown) {
        const before = scopesOf(owner).get(scope);
        if (!before?.held && !isNewer(before?.cutoff)) continue;
        if (!before?.held) added.push(scope);
        const cutoff = Math.max(time, before?.cutoff ?? time);
        save(owner, scope, { held: true, cutoff, sweepId: page.sweepId }, page);
      }
      const isGone = ({ scope, sweepId, cutoff }: GrantState) =>
        !shown.has(scope) && sweepId !== page.sweepId && isNewer(cutoff);
      return { added: added.sort(), removed: endScopes(owner, time, page, isGone) };
    },

    /** Ends the scopes that no page of the sweep showed. */
    endUnseen(owner: Owner, sweepStart: ChangeOrigin): string[] {
      const time = toPageCutoff(sweepStart.time);
      const isUnseen = ({ sweepId, cutoff }: GrantState) =>
        sweepId !== sweepStart.sweepId && time > cutoff && time >= ownerCutoff(owner);
      return endScopes(owner, time, sweepStart, isUnseen);
    },

    /** Whether the user, or the app, is known to have taken everything back at some time. */
    wasRemoved: (owner: Owner): boolean => ownerCutoff(owner) > Number.NEGATIVE_INFINITY,
    heldScopes: (owner: Owner): string[] => toScopes(listHeldStates(owner)),
    /** Everything that changed, to be saved. */
    listChanged: (): GrantState[] => [...changed],
  };
}

function toScopes(grantStates: readonly GrantState[]): string[] {
  return grantStates.map(({ scope }) => scope).sort();
}
