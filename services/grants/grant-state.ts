import type { LogSource } from './log/entry';

/** Stands for the app itself, where no user is named. */
export const APP = '';
/** Stands for every user of a team, or every scope of a user. */
export const EVERY = '*';

/** Slack's two clocks, of an event and of a page, are held to be this close. An event this near a page wins over it. */
const PAGE_TOLERANCE_SECONDS = 2;

/** Before this time a page knows better; from it on, an event does. */
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
  /** Seconds, by Slack's clock. What is older has no say: it was overtaken. */
  mark: number;
  /** The sweep that last saw it, or was under way when it was granted. What it bears the number of, that sweep never ends. */
  sweepId: number;
  grantedAt: string;
  source: LogSource;
}

/** Who holds scopes. */
export interface Owner {
  teamId: string;
  userId: string;
}

/** What a scope's grant changed: `late` where something newer has been heard of it. */
export type GrantEffect = 'changed' | 'unchanged' | 'late';

/** When and by whom a change was told. */
interface Told {
  /** Seconds, by Slack's clock. */
  time: number;
  /** ISO 8601: our own. */
  at: string;
  source: LogSource;
  /** The sweep that the team is in the middle of, 0 if there is none. */
  sweepId: number;
}

/**
 * What is known of some users, and how it changes as Slack tells things, in whatever order it tells them.
 *
 * The rule is one: each scope has a mark, the time of the newest thing heard of it, and what is older than the mark
 * changes nothing. Taking back everything marks the user; uninstalling marks the team; a scope's mark is the newest of the three.
 */
export interface Standings {
  grant(owner: Owner, scope: string, told: Told): GrantEffect;
  /** Ends every scope that was not granted later; answers with those that it ended. */
  removeAll(owner: Owner, told: Told): string[];
  /** Marks everybody of a team, whoever they are. */
  removeTeam(teamId: string, told: Told): void;
  /** Holds a user of a page of `apps.permissions.users.list` against what is known. */
  compare(owner: Owner, scopes: readonly string[], page: Told): { added: string[]; removed: string[] };
  /** Ends what no page of the sweep showed. */
  endUnseen(owner: Owner, sweepStart: Told): string[];
  /** Whether it is known that the user, or the app, took everything back at some time. */
  wasRemoved(owner: Owner): boolean;
  heldScopes(owner: Owner): string[];
  /** What was changed, to be saved. */
  changed(): Standing[];
}

export function createStandings(known: readonly Standing[]): Standings {
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

  function put(
    owner: Owner,
    scope: string,
    { held, mark, sweepId }: Pick<Standing, 'held' | 'mark' | 'sweepId'>,
    { at: grantedAt, source }: Told,
  ): void {
    const { teamId, userId } = owner;
    const scopes = scopesOf(owner);
    let standing = scopes.get(scope);
    if (standing === undefined) {
      standing = { teamId, userId, scope, held, mark, sweepId, grantedAt, source };
      scopes.set(scope, standing);
    } else {
      // It stands since it was first granted.
      if (!(standing.held && held)) Object.assign(standing, { grantedAt, source });
      standing.held = held;
      standing.mark = mark;
      standing.sweepId = sweepId;
    }
    changed.add(standing);
  }

  const held = (owner: Owner) => [...scopesOf(owner).values()].filter((standing) => standing.held);

  /** Ends the scopes that `mayEnd` names and that were not granted after `time`. */
  function end(owner: Owner, time: number, told: Told, mayEnd: (standing: Standing) => boolean): string[] {
    const ended = held(owner).filter(
      (standing) => mayEnd(standing) && time >= newestMark(owner, standing.scope),
    );
    for (const { scope } of ended)
      put(owner, scope, { held: false, mark: time, sweepId: told.sweepId }, told);
    return ended.map(({ scope }) => scope).sort();
  }

  function raise(owner: Owner, told: Told): void {
    const mark = Math.max(told.time, markOf(owner, EVERY));
    put(owner, EVERY, { held: false, mark, sweepId: 0 }, told);
  }

  return {
    grant(owner, scope, told) {
      const isHeld = scopesOf(owner).get(scope)?.held === true;
      // It stands all the same: a sweep may have found it before its event came.
      if (told.time < newestMark(owner, scope)) return isHeld ? 'unchanged' : 'late';
      const effect = isHeld ? 'unchanged' : 'changed';
      put(owner, scope, { held: true, mark: told.time, sweepId: told.sweepId }, told);
      return effect;
    },

    removeAll(owner, told) {
      const ended = end(owner, told.time, told, () => true);
      raise(owner, told);
      return ended;
    },

    removeTeam: (teamId, told) => raise({ teamId, userId: EVERY }, told),

    compare(owner, scopes, page) {
      const time = toPageMark(page.time);
      const shown = new Set(scopes);
      const known = scopesOf(owner);
      const removedAt = marks(owner);
      const isNews = (standing: Standing | undefined) =>
        time > removedAt && time > (standing?.mark ?? Number.NEGATIVE_INFINITY);
      const added: string[] = [];
      for (const scope of shown) {
        const before = known.get(scope);
        if (!before?.held && !isNews(before)) continue;
        if (!before?.held) added.push(scope);
        put(
          owner,
          scope,
          { held: true, mark: Math.max(time, before?.mark ?? time), sweepId: page.sweepId },
          page,
        );
      }
      const removed = held(owner)
        .filter(
          (standing) => !shown.has(standing.scope) && standing.sweepId !== page.sweepId && isNews(standing),
        )
        .map(({ scope }) => scope)
        .sort();
      for (const scope of removed)
        put(owner, scope, { held: false, mark: time, sweepId: page.sweepId }, page);
      return { added: added.sort(), removed };
    },

    endUnseen(owner, sweepStart) {
      const time = toPageMark(sweepStart.time);
      return end(
        owner,
        time,
        sweepStart,
        ({ scope, sweepId }) => sweepId !== sweepStart.sweepId && time > markOf(owner, scope),
      );
    },

    wasRemoved: (owner) => marks(owner) > Number.NEGATIVE_INFINITY,
    heldScopes: (owner) =>
      held(owner)
        .map(({ scope }) => scope)
        .sort(),
    changed: () => [...changed],
  };
}
