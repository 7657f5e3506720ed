import fc from 'fast-check';
import {
  type PendingWrites,
  recordAnswer,
  recordRemoved,
  recordTokensRevoked,
  removeAll,
  toChangeOrigin,
} from '../../services/answers/effects';
import { type GrantEvent, toDedupeKey } from '../../services/answers/event';
import { createGrantStates } from '../../services/grants/grant-state';
import { createModel, type Step } from './grants-model';
import { history, SCOPES, toEvent, toLine, USERS } from './histories';

const HISTORIES = 200_000;
/** `SEED=… npx jest test/services/grant-state` repeats a run. */
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const TEAM = 'T1';

it(`the grant state ends ${HISTORIES} random histories as the model does (seed ${SEED})`, () => {
  const property = fc.property(history, (told) => {
    const model = createModel(USERS, SCOPES);
    const memory = createMemory();
    for (const { step } of told) {
      model.tell(step);
      memory.tell(step);
    }
    // Jest's own comparison takes longer than all the rest.
    if (String(memory.held()) !== String(model.held())) expect(memory.held()).toEqual(model.held());
    if (String(memory.log()) !== String(model.log())) expect(memory.log()).toEqual(model.log());
  });
  fc.assert(property, { seed: SEED, numRuns: HISTORIES });
}, 600_000);

/** The rules of the service without its database: one team's state, and the entries that come of it. */
function createMemory() {
  const grantStates = createGrantStates([]);
  const writing: PendingWrites = {
    at: '',
    grantStates,
    sweeps: new Map(),
    entries: [],
    notices: [],
    ends: new Map(),
  };
  const known = new Set<string>();
  let sweepId = 0;

  function sweep({ list, time }: Extract<Step, { kind: 'sweep' }>): void {
    sweepId += 1;
    const page = { time, at: '', source: 'users_list' as const, sweepId };
    const shown = list.map(([userId, scopes]) => ({
      userId,
      ...grantStates.reconcile({ teamId: TEAM, userId }, scopes, page),
    }));
    const unseen = [...USERS]
      .sort()
      .filter((userId) => !list.some(([name]) => name === userId))
      .map((userId) => ({
        userId,
        added: [],
        removed: grantStates.endUnseen({ teamId: TEAM, userId }, page),
      }));
    for (const { userId, added, removed } of [...shown, ...unseen]) {
      if (added.length > 0) log('granted', userId, added);
      if (removed.length > 0) log('removed', userId, removed);
    }
  }

  function log(event: 'granted' | 'removed', userId: string, scopes: string[]): void {
    writing.entries.push({
      at: '',
      teamId: TEAM,
      userId,
      event,
      scopes,
      source: 'users_list',
      requestId: null,
      triggerSource: null,
      eventId: null,
      error: null,
      reason: null,
    });
  }

  function record(event: GrantEvent): void {
    switch (event.type) {
      case 'granted':
      case 'denied':
        recordAnswer(writing, event, undefined);
        break;
      case 'removed':
        recordRemoved(writing, event, undefined);
        break;
      case 'tokens_revoked':
        recordTokensRevoked(writing, event, { appToo: event.botUserIds.length > 0 });
        break;
      case 'app_uninstalled': {
        const holders = [...USERS].sort().filter((userId) => holds(userId).length > 0);
        for (const userId of holders)
          removeAll(writing, event, userId, { reason: event.type, onlyIfHeld: true });
        removeAll(writing, event, null, { reason: event.type });
        grantStates.removeTeam(TEAM, toChangeOrigin(writing, event));
      }
    }
  }

  const holds = (userId: string) => grantStates.heldScopes({ teamId: TEAM, userId });

  return {
    tell(step: Step): void {
      if (step.kind === 'sweep') {
        sweep(step);
        return;
      }
      const event = toEvent(TEAM, step);
      const names = [`id ${event.eventId}`, `meaning ${toDedupeKey(event)}`];
      if (names.some((name) => known.has(name))) return;
      for (const name of names) known.add(name);
      record(event);
    },
    held: () => USERS.flatMap((userId) => holds(userId).map((scope) => `${userId} ${scope}`)).sort(),
    log: () => writing.entries.map((entry) => toLine(entry)),
  };
}
