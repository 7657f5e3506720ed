import fc from 'fast-check';
import type { GrantEvent } from '../../services/answers/event';
import type { LogEntry } from '../../services/grants/log/entry';
import type { Step } from './grants-model';

/** Few, so that they meet often. */
export const USERS = ['U1', 'U2'];
export const SCOPES = ['a:x', 'b:y'];
export const START = 1_700_000_000;

const time = fc.integer({ min: START, max: START + 12 });
const user = fc.constantFrom(...USERS);
const someScopes = fc.subarray(SCOPES, { minLength: 1 });
const name = (prefix: string) => fc.integer({ min: 1, max: 6 }).map((number) => `${prefix}${number}`);
const id = fc.constant('');
const answer = { id, user, scopes: someScopes, trigger: name('t'), time };

/** Few triggers and times, so that late ones, ties and repeats in other words come often. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('granted' as const), ...answer }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('denied' as const), ...answer }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('removed' as const), id, user, time }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('tokens_revoked' as const),
      id,
      users: fc.subarray(USERS, { minLength: 1 }),
      time,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('app_uninstalled' as const), id, time }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('sweep' as const),
      list: fc
        .subarray(USERS)
        .chain((users) => fc.tuple(...users.map((name) => fc.tuple(fc.constant(name), fc.subarray(SCOPES))))),
      time,
    }),
  },
);

export interface Told {
  step: Step;
  /** Which earlier event this is instead, as a share of those there are, and whether under an id of its own. */
  again: { which: number; underOtherId: boolean } | undefined;
  /** The process dies while this is written, as often as this says; then it is told again. */
  crashes: number;
  /** Told in one breath with the next: they may be written together. */
  together: boolean;
}

const again = fc.option(
  fc.record({ which: fc.double({ min: 0, max: 0.999, noNaN: true }), underOtherId: fc.boolean() }),
  {
    freq: 3,
    nil: undefined,
  },
);

export const history: fc.Arbitrary<Told[]> = fc
  .array(fc.record({ step, again, crashes: fc.constantFrom(0, 0, 0, 0, 1, 2), together: fc.boolean() }), {
    minLength: 1,
    maxLength: 8,
  })
  .map(nameEvents);

/** Gives each event the id that Slack would: one of its own, or that of the event it repeats. */
function nameEvents(history: Told[]): Told[] {
  const named: Step[] = [];
  return history.map((told, index) => {
    const ownId = `Ev${index}`;
    const earlier = told.again && named[Math.floor(told.again.which * named.length)];
    const fresh = told.step.kind === 'sweep' ? told.step : { ...told.step, id: ownId };
    const again =
      earlier && earlier.kind !== 'sweep' && told.again?.underOtherId ? { ...earlier, id: ownId } : earlier;
    const step = again ?? fresh;
    if (step.kind !== 'sweep') named.push(step);
    return { ...told, step };
  });
}

export function toEvent(teamId: string, step: Exclude<Step, { kind: 'sweep' }>): GrantEvent {
  // Ids are Slack's own, one for all teams.
  const received = {
    source: 'slack_event' as const,
    eventId: `${teamId} ${step.id}`,
    teamId,
    enterpriseId: undefined,
    time: step.time,
  };
  switch (step.kind) {
    case 'granted':
    case 'denied':
      return {
        ...received,
        type: step.kind,
        userId: step.user,
        scopes: step.scopes,
        triggerId: step.trigger,
      };
    case 'removed':
      return { ...received, type: 'removed', userId: step.user, triggerId: undefined };
    case 'tokens_revoked':
      return {
        ...received,
        type: 'tokens_revoked',
        userIds: step.users,
        botUserIds: [],
        installation: teamId,
        teamIds: [teamId],
      };
    case 'app_uninstalled':
      return { ...received, type: 'app_uninstalled', installation: teamId, teamIds: [teamId] };
  }
}

/** What both the model and the service say of an entry. */
export function toLine({
  event,
  userId,
  scopes,
  error,
  source,
  reason,
}: Pick<LogEntry, 'event' | 'userId' | 'scopes' | 'error' | 'source' | 'reason'>): string {
  const note = error ?? (source === 'slack_event' ? (reason ?? '') : '');
  return `${event} ${userId ?? ''} ${[...scopes].sort().join()} ${note}`.trim();
}
