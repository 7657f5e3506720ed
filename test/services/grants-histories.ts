import fc from 'fast-check';
import { type Database, openDatabase } from '../../services/database/database';
import type { GrantEvent } from '../../services/grants/event';
import { listLogEntries } from '../../services/grants/log-store';
import { createRecorder } from '../../services/grants/recorder';
import { listGrantRows } from '../../services/grants/store';
import { createInFlight } from '../../services/requests/in-flight';
import { sweepTeam } from '../../services/sync/sweep';
import { createTestDatabase, type TestDatabaseKind } from '../support/databases';
import { createTestClock } from '../support/test-clock';
import { createModel, type Step } from './grants-model';

/** Few, so that they meet often. */
const USERS = ['U1', 'U2'];
const SCOPES = ['a:x', 'b:y'];
const HISTORIES = Number(process.env.HISTORIES ?? 10_000);
/** Side by side, in teams of their own: they must not meet. */
const AT_ONCE = 20;
const START = 1_700_000_000;

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

interface Told {
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

const history: fc.Arbitrary<Told[]> = fc
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

/** Each database in files of its own, so that they run side by side: `share` of the histories in this one. */
export function testRandomHistories(kind: TestDatabaseKind, share = 1): void {
  const histories = Math.ceil(HISTORIES * share);
  it(`comes out of ${histories} random histories as the model does`, async () => {
    const clock = createTestClock(START * 1_000);
    const place = await createTestDatabase(kind);
    const database = await openDatabase({ config: place.config, clock });
    let teams = 0;

    const property = fc.asyncProperty(
      fc.array(history, { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (histories) => {
        await Promise.all(histories.map((one) => checkHistory(`T${++teams}`, one)));
      },
    );

    async function checkHistory(teamId: string, told: readonly Told[]): Promise<void> {
      const model = createModel(USERS, SCOPES);
      const service = createService(teamId, database, clock);
      const batch: Promise<void>[] = [];
      for (const { step, crashes, together } of told) {
        model.tell(step);
        // A crash ends what is under way: nothing is told in one breath with it.
        if (crashes > 0 || step.kind === 'sweep') await Promise.all(batch.splice(0));
        if (step.kind === 'sweep') await service.sweep(step, crashes);
        else batch.push(service.record(step, crashes));
        if (crashes > 0 || !together) await Promise.all(batch.splice(0));
      }
      await Promise.all(batch);
      expect(await service.held()).toEqual(model.held());
      expect(await service.log()).toEqual(model.log());
    }

    await fc.assert(property, { numRuns: Math.ceil(histories / AT_ONCE) });
    await database.close();
    await place.destroy();
  }, 600_000);
}

/** The real recorder and the real sweep, with a database that can die in the middle of a transaction. */
function createService(teamId: string, database: Database, clock: ReturnType<typeof createTestClock>) {
  let crashesLeft = 0;
  const mortal: Database = {
    ...database,
    transactTeams: (teamIds, run) =>
      database.transactTeams(teamIds, async (tx) => {
        const result = await run(tx);
        if (crashesLeft > 0) {
          crashesLeft -= 1;
          throw new Crash();
        }
        return result;
      }),
  };
  const start = () =>
    createRecorder({ database: mortal, clock, inFlight: createInFlight(), onNotice: () => {} });
  let recorder = start();

  async function survive<T>(run: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        recorder = start();
      }
    }
  }

  return {
    record(step: Exclude<Step, { kind: 'sweep' }>, crashes: number): Promise<void> {
      crashesLeft = crashes;
      return survive(() => recorder.record(toEvent(teamId, step)));
    },

    async sweep({ list, time }: Extract<Step, { kind: 'sweep' }>, crashes: number): Promise<void> {
      crashesLeft = crashes;
      // A user a page: the place of the sweep is kept between them.
      const pages = [...list.map((entry) => [entry]), []];
      const get = async (cursor: string | undefined) => {
        const index = Number(cursor ?? 0);
        const users = (pages[index] ?? []).map(([userId, scopes]) => ({ userId, scopes }));
        return {
          ok: true as const,
          users,
          nextCursor: index + 1 < pages.length ? String(index + 1) : undefined,
          time,
        };
      };
      let life = 0;
      const result = await survive(() => {
        life += 1;
        // What a dead process held is free once its lease is over.
        const later = { ...clock, now: () => clock.now() + life * 3_600_000 };
        return sweepTeam(teamId, {
          database: mortal,
          pages: { get, stop: () => {} },
          clock: later,
          owner: `life ${life}`,
          onProgress: () => {},
        });
      });
      expect(result.kind).toBe('done');
    },

    async held(): Promise<string[]> {
      const grants = await listGrantRows(database.query, { teamId });
      return grants.map(({ userId, scope }) => `${userId} ${scope}`).sort();
    },

    async log(): Promise<string[]> {
      const page = await listLogEntries(database.query, { filter: { teamId }, order: 'asc', limit: 1_000 });
      return page.items.map(({ event, userId, scopes, error, source, reason }) =>
        `${event} ${userId ?? ''} ${[...scopes].sort().join()} ${error ?? (source === 'slack_event' ? (reason ?? '') : '')}`.trim(),
      );
    },
  };
}

class Crash extends Error {}

function toEvent(teamId: string, step: Exclude<Step, { kind: 'sweep' }>): GrantEvent {
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
        appToo: false,
        isEnterpriseInstall: false,
      };
    case 'app_uninstalled':
      return { ...received, type: 'app_uninstalled', isEnterpriseInstall: false, teamIds: [teamId] };
  }
}
