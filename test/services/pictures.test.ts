import { createDailyStats } from '../../services/admin/daily-stats';
import { type Database, openDatabase } from '../../services/database/database';
import { insertLogEntries } from '../../services/grants/log/store';
import { toIsoTime } from '../../services/runtime/clock';
import { createTestDatabase, type TestDatabase } from '../support/databases';
import { createTestClock } from '../support/test-clock';

const NOON = Date.UTC(2026, 0, 5, 12);

describe('the picture of today', () => {
  let place: TestDatabase;
  let database: Database;
  const clock = createTestClock(NOON);
  beforeEach(async () => {
    place = await createTestDatabase('sqlite');
    database = await openDatabase({ config: place.config, clock });
  });
  afterEach(async () => {
    await database.close();
    await place.destroy();
  });

  const record = () =>
    database.transactTeams(['T1'], (tx) =>
      insertLogEntries(tx, [
        {
          at: toIsoTime(NOON - 60 * 60_000),
          teamId: 'T1',
          userId: 'U1',
          event: 'requested',
          scopes: ['dnd:write'],
          source: 'app',
          requestId: 'R1',
          triggerSource: 'slash_command',
          eventId: null,
          error: null,
          reason: null,
        },
      ]),
    );

  it('is read again where the clock was set back', async () => {
    const pictures = createDailyStats({ database, clock });
    const before = await pictures.list(['T1'], 1);
    await record();
    expect(await pictures.list(['T1'], 1)).toEqual(before);
    clock.set(-2 * 60 * 60_000);
    expect(await pictures.list(['T1'], 1)).not.toEqual(before);
  });
});
