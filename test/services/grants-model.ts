/** One thing that Slack tells, or a sweep of its list. Times are seconds of Slack's clock. */
export type Step =
  | { kind: 'granted' | 'denied'; id: string; user: string; scopes: string[]; trigger: string; time: number }
  | { kind: 'removed'; id: string; user: string; time: number }
  | { kind: 'tokens_revoked'; id: string; users: string[]; time: number }
  | { kind: 'app_uninstalled'; id: string; time: number }
  | { kind: 'sweep'; list: [user: string, scopes: string[]][]; time: number };

interface Known {
  held: boolean;
  mark: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

/**
 * What should stand, and what the log should say, in as few words as it can be said: one scope of one user at a time,
 * the newest word counts, and what was told before is not told again.
 */
export function createModel(users: readonly string[], scopes: readonly string[]) {
  const keys = new Map<string, Known>();
  const takenBack = new Map<string, number>();
  let uninstalled = NEVER;
  const told = new Set<string>();
  const log: string[] = [];

  const of = (user: string, scope: string) => keys.get(`${user} ${scope}`) ?? { held: false, mark: NEVER };
  const set = (user: string, scope: string, held: boolean, mark: number) =>
    keys.set(`${user} ${scope}`, { held, mark });
  const everything = (user: string) => Math.max(takenBack.get(user) ?? NEVER, uninstalled);
  const newest = (user: string, scope: string) => Math.max(of(user, scope).mark, everything(user));
  const isHeld = (user: string) => (scope: string) => of(user, scope).held;
  const write = (event: string, user: string, list: readonly string[], note = '') =>
    log.push(`${event} ${user} ${[...list].sort().join()} ${note}`.trim());

  /** Answers with what it ended. */
  function takeBack(user: string, time: number): string[] {
    const ended = scopes.filter((scope) => of(user, scope).held && time >= newest(user, scope));
    for (const scope of ended) set(user, scope, false, time);
    return ended;
  }

  function removeUser(user: string, time: number, note = ''): void {
    const wasTakenBack = everything(user) > NEVER;
    const ended = takeBack(user, time);
    takenBack.set(user, Math.max(time, takenBack.get(user) ?? NEVER));
    const isLate = ended.length === 0 && scopes.some(isHeld(user));
    if (ended.length > 0 || !wasTakenBack) write('removed', user, ended, isLate ? 'superseded' : note);
  }

  function sweep(list: readonly [string, string[]][], pageTime: number): void {
    const time = pageTime - 2;
    const shown = new Map(list);
    for (const [user, has] of list) {
      const isNews = (scope: string) => time > newest(user, scope);
      const added = has.filter((scope) => isNews(scope) && !of(user, scope).held);
      const removed = scopes.filter((scope) => !has.includes(scope) && of(user, scope).held && isNews(scope));
      for (const scope of has) if (isNews(scope)) set(user, scope, true, time);
      for (const scope of removed) set(user, scope, false, time);
      if (added.length > 0) write('granted', user, added);
      if (removed.length > 0) write('removed', user, removed);
    }
    for (const user of [...users].sort().filter((name) => !shown.has(name))) {
      const removed = scopes.filter((scope) => of(user, scope).held && time > newest(user, scope));
      for (const scope of removed) set(user, scope, false, time);
      if (removed.length > 0) write('removed', user, removed);
    }
  }

  function isNewMeaning(step: Exclude<Step, { kind: 'sweep' }>): boolean {
    const meaning =
      'trigger' in step
        ? [step.kind, step.user, [...step.scopes].sort(), step.trigger]
        : [step.kind, 'users' in step ? [...step.users].sort() : 'user' in step ? step.user : '', step.time];
    const names = [`id ${step.id}`, `meaning ${JSON.stringify(meaning)}`];
    const isNew = !names.some((name) => told.has(name));
    if (isNew) for (const name of names) told.add(name);
    return isNew;
  }

  return {
    tell(step: Step): void {
      if (step.kind === 'sweep') {
        sweep(step.list, step.time);
        return;
      }
      if (!isNewMeaning(step)) return;
      if (step.kind === 'denied') write('denied', step.user, step.scopes);
      if (step.kind === 'granted') {
        const { user, time } = step;
        const inTime = step.scopes.filter((scope) => time >= newest(user, scope));
        const held = step.scopes.filter(isHeld(user));
        for (const scope of inTime) set(user, scope, true, time);
        const late = step.scopes.filter((scope) => !inTime.includes(scope) && !held.includes(scope));
        if (late.length === step.scopes.length) write('granted', user, step.scopes, 'superseded');
        else if (held.length < step.scopes.length) write('granted', user, step.scopes);
      }
      if (step.kind === 'removed') removeUser(step.user, step.time);
      if (step.kind === 'tokens_revoked')
        for (const user of step.users) removeUser(user, step.time, 'tokens_revoked');
      if (step.kind === 'app_uninstalled') {
        for (const user of [...users].sort().filter((name) => scopes.some(isHeld(name)))) {
          const ended = takeBack(user, step.time);
          takenBack.set(user, Math.max(step.time, takenBack.get(user) ?? NEVER));
          if (ended.length > 0) write('removed', user, ended, 'app_uninstalled');
        }
        const appEnded = everything('') > NEVER;
        takenBack.set('', Math.max(step.time, takenBack.get('') ?? NEVER));
        if (!appEnded) write('removed', '', [], 'app_uninstalled');
        uninstalled = Math.max(uninstalled, step.time);
      }
    },
    held: () =>
      users.flatMap((user) => scopes.filter(isHeld(user)).map((scope) => `${user} ${scope}`)).sort(),
    log: () => log,
  };
}
