import fc from 'fast-check';
import { createRecorder } from '../../services/answers/recorder';
import { type Database, openDatabase } from '../../services/database/database';
import { listLogEntries } from '../../services/grants/log/store';
import { listGrantsFromStore } from '../../services/grants/store';
import { createInFlight } from '../../services/permissions/requests/in-flight';
import { sweepTeam } from '../../services/sync/sweep';
import { createTestDatabase, databases } from '../support/databases';
import { createTestClock } from '../support/test-clock';
import { createModel, type Step } from './grants-model';
import { history, SCOPES, START, type Told, toEvent, toLine, USERS } from './histories';

/** The rules are held against the model in memory (`grant-state.property.test.ts`); here, what databases and crashes add. */
const HISTORIES = Number(process.env.HISTORIES ?? 500);
/** `SEED=… npx jest test/services/grants.property` repeats a run. */
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
/** Side by side, in teams of their own: they must not meet. */
const AT_ONCE = 20;

describe.each(databases)('the grant service, on %s', (kind) => {
  it(`ends ${HISTORIES} random histories as the model does (seed ${SEED})`, async () => {
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

    await fc.assert(property, { seed: SEED, numRuns: Math.ceil(HISTORIES / AT_ONCE) });
    await database.close();
    await place.destroy();
  }, 600_000);
});

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
          skipped: [],
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
      const grants = await listGrantsFromStore(database.query, { teamId });
      return grants.map(({ userId, scope }) => `${userId} ${scope}`).sort();
    },

    async log(): Promise<string[]> {
      const page = await listLogEntries(database.query, { filter: { teamId }, order: 'asc', limit: 1_000 });
      return page.items.map(toLine);
    },
  };
}

class Crash extends Error {}
