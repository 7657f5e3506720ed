import type { LogSource } from './log/entry';

/** The user id of grants that belong to the app itself. */
export const APP = '';
/** Every user of a team, or every scope of a user. */
export const EVERY = '*';

/** Events and pages are stamped by different clocks of Slack's. Within this tolerance the event wins. */
const PAGE_TOLERANCE_SECONDS = 2;

/** A page overrules what was reported before this time; an event from then on overrules the page. */
export function toPageMark(pageTime: number): number {
  return pageTime - PAGE_TOLERANCE_SECONDS;
}

/** What is known of one scope of one user. */
export interface Standing {
  teamId: string;
  /** `APP`, or `EVERY`. */
  userId: string;
  /** Or `EVERY`. */
  scope: string;
  held: boolean;
  /** Seconds, by Slack's clock. Older reports are ignored. */
  mark: number;
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
interface Told {
  /** Seconds, by Slack's clock. */
  time: number;
  /** ISO 8601, by our clock. */
  at: string;
  source: LogSource;
  /** The team's open sweep; 0: none. */
  sweepId: number;
}

export type Standings = ReturnType<typeof createStandings>;

/**
 * What is known of some users, and how it changes with what Slack reports, in any order.
 *
 * There is one rule: each scope has a mark, the time of the newest report about it, and an older report changes
 * nothing. Taking back everything marks the user, uninstalling marks the team; the newest of the three marks counts.
 */
export function createStandings(known: readonly Standing[]) {
  const byOwner = new Map<string, Map<string, Standing>>();
  const changed = new Set<Standing>();
  for (const standing of known) scopesOf(standing).set(standing.scope, standing);

  function scopesOf({ teamId, userId }: Owner): Map<string, Standing> {
    const key = `${teamId} ${userId}`;
    const scopes = byOwner.get(key) ?? new Map<string, Standing>();
    byOwner.set(key, scopes);
    return scopes;
  }

  const markOf = (owner: Owner, scope: string) =>
    scopesOf(owner).get(scope)?.mark ?? Number.NEGATIVE_INFINITY;
  const marks = (owner: Owner) =>
    Math.max(markOf(owner, EVERY), markOf({ teamId: owner.teamId, userId: EVERY }, EVERY));
  const newestMark = (owner: Owner, scope: string) => Math.max(markOf(owner, scope), marks(owner));

  function put(owner: Owner, scope: string, news: Pick<Standing, 'held' | 'mark' | 'sweepId'>, told: Told) {
    const { teamId, userId } = owner;
    const { at: grantedAt, source } = told;
    const scopes = scopesOf(owner);
    const before = scopes.get(scope);
    const standing = before ?? { teamId, userId, scope, ...news, grantedAt, source };
    // A scope that was held all along keeps the time of its first grant.
    if (!(standing.held && news.held)) Object.assign(standing, { grantedAt, source });
    Object.assign(standing, news);
    if (before === undefined) scopes.set(scope, standing);
    changed.add(standing);
  }

  const listHeld = (owner: Owner) => [...scopesOf(owner).values()].filter(({ held }) => held);

  /** Ends the scopes that `mayEnd` accepts; returns them. */
  function end(owner: Owner, mark: number, told: Told, mayEnd: (standing: Standing) => boolean): string[] {
    const ended = listHeld(owner).filter(mayEnd);
    for (const { scope } of ended) put(owner, scope, { held: false, mark, sweepId: told.sweepId }, told);
    return toScopes(ended);
  }

  function raise(owner: Owner, told: Told): void {
    const mark = Math.max(told.time, markOf(owner, EVERY));
    put(owner, EVERY, { held: false, mark, sweepId: 0 }, told);
  }

  return {
    grant(owner: Owner, scope: string, told: Told): GrantEffect {
      const isHeld = scopesOf(owner).get(scope)?.held === true;
      // Held although it is late: a sweep may have found the scope before its event arrived.
      if (told.time < newestMark(owner, scope)) return isHeld ? 'unchanged' : 'late';
      put(owner, scope, { held: true, mark: told.time, sweepId: told.sweepId }, told);
      return isHeld ? 'unchanged' : 'changed';
    },

    /** Ends every scope that was not granted later; returns those it ended. */
    removeAll(owner: Owner, told: Told): string[] {
      const ended = end(owner, told.time, told, ({ scope }) => told.time >= newestMark(owner, scope));
      raise(owner, told);
      return ended;
    },

    /** Marks every user of a team, including those who are not known here. */
    removeTeam: (teamId: string, told: Told): void => raise({ teamId, userId: EVERY }, told),

    /** Compares a user on a page of `apps.permissions.users.list` with what is known. */
    compare(owner: Owner, scopes: readonly string[], page: Told): { added: string[]; removed: string[] } {
      const time = toPageMark(page.time);
      const shown = new Set(scopes);
      const removedAt = marks(owner);
      const isNews = (mark = Number.NEGATIVE_INFINITY) => time > removedAt && time > mark;
      const added: string[] = [];
      for (const scope of shown) {
        const before = scopesOf(owner).get(scope);
        if (!before?.held && !isNews(before?.mark)) continue;
        if (!before?.held) added.push(scope);
        const mark = Math.max(time, before?.mark ?? time);
        put(owner, scope, { held: true, mark, sweepId: page.sweepId }, page);
      }
      const removed = end(
        owner,
        time,
        page,
        ({ scope, sweepId, mark }) => !shown.has(scope) && sweepId !== page.sweepId && isNews(mark),
      );
      return { added: added.sort(), removed };
    },

    /** Ends the scopes that no page of the sweep showed. */
    endUnseen(owner: Owner, sweepStart: Told): string[] {
      const time = toPageMark(sweepStart.time);
      return end(
        owner,
        time,
        sweepStart,
        ({ sweepId, mark }) => sweepId !== sweepStart.sweepId && time > mark && time >= marks(owner),
      );
    },

    /** Whether the user, or the app, is known to have taken everything back at some time. */
    wasRemoved: (owner: Owner): boolean => marks(owner) > Number.NEGATIVE_INFINITY,
    heldScopes: (owner: Owner): string[] => toScopes(listHeld(owner)),
    /** Everything that changed, to be saved. */
    changed: (): Standing[] => [...changed],
  };
}

function toScopes(standings: readonly Standing[]): string[] {
  return standings.map(({ scope }) => scope).sort();
}
