import { type Database, openDatabase } from '../../services/database/database';
import { createGrants } from '../../services/grants/grants';
import { insertLogEntries } from '../../services/grants/log/store';
import { createTail } from '../../services/grants/log/tail';
import { createBackground } from '../../services/runtime/background';
import { systemClock } from '../../services/runtime/clock';
import { createLogger } from '../../services/runtime/logger';
import { createFeeds } from '../../web/admin/log/feeds';
import { createTestDatabase, type TestDatabase } from '../support/databases';
import { createTestClock } from '../support/test-clock';

const TEAM = 'T1';

describe('views of the log that are followed', () => {
  let place: TestDatabase;
  let database: Database;
  const clock = createTestClock();
  const logger = createLogger({ level: 'silent', secrets: [] });
  const background = createBackground({ logger });
  const reads: string[] = [];
  let feeds: ReturnType<typeof createFeeds>;
  beforeEach(async () => {
    place = await createTestDatabase('sqlite');
    database = await openDatabase({ config: place.config, clock: systemClock });
    const grants = createGrants({ database });
    reads.length = 0;
    feeds = createFeeds({
      grants: {
        ...grants,
        listLog(page) {
          reads.push(`${page.filter.event ?? 'all'} of ${page.filter.teamId}`);
          return grants.listLog(page);
        },
      },
      tail: createTail({ database, clock, background }),
      background,
      logger,
    });
  });
  afterEach(async () => {
    await background.settled();
    await database.close();
    await place.destroy();
  });

  function follow(event: 'granted' | 'denied' | undefined, { teamId = TEAM, after = 0 } = {}) {
    const heard: string[] = [];
    const filter = { teamId, ...(event !== undefined && { event }) };
    const reader = { after, send: (text: string) => heard.push(text), end() {} };
    return { heard, ...feeds.join({ filter, teamIds: [teamId] }, reader) };
  }

  async function write(event: 'granted' | 'denied', teamId = TEAM): Promise<void> {
    const source = 'app' as const;
    const entry = { at: '2026-01-01T00:00:00.000Z', userId: 'U1', scopes: [], source };
    const none = { requestId: null, triggerSource: null, eventId: null, error: null, reason: null };
    await database.transactTeams([teamId], (tx) =>
      insertLogEntries(tx, [{ ...entry, ...none, teamId, event }]),
    );
    await tick();
  }

  async function tick(): Promise<void> {
    await clock.advance(500);
    await background.settled();
  }

  it('are read once each, however many follow them, and only where their workspace has grown', async () => {
    const many = Array.from({ length: 500 }, () => follow('granted'));
    const denials = follow('denied');
    const elsewhere = follow(undefined, { teamId: 'T2' });
    await write('granted');
    // Whoever comes is told by one look what is there, for all who have the same.
    expect(reads.sort()).toEqual(['all of T2', 'denied of T1', 'granted of T1']);
    for (const { heard } of many) expect(heard).toEqual([expect.stringContaining('id: 1\n')]);
    reads.length = 0;
    await write('granted');
    expect(reads.sort()).toEqual(['denied of T1', 'granted of T1']);
    for (const { heard } of many) expect(heard[1]).toMatch(/^id: 2\nevent: entries\ndata: \[\{"seq":2,/);
    expect(denials.heard).toEqual([]);
    expect(elsewhere.heard).toEqual([]);
  });

  it('are read no more when nobody follows them', async () => {
    const one = follow('granted');
    await write('granted');
    one.leave();
    reads.length = 0;
    await write('granted');
    expect(reads).toEqual([]);
    // Who comes back with the newest they had misses nothing, and gets nothing twice.
    const back = follow('granted', { after: 1 });
    await tick();
    expect(back.heard).toHaveLength(1);
    expect(back.heard[0]).toMatch(/data: \[\{"seq":2,/);
    expect(back.heard[0]).not.toContain('"seq":1,');
  });

  it('end for their readers where the log cannot be read, and go on for those of others', async () => {
    await write('denied');
    await place.run(`update grant_log set event = 'nonsense'`);
    let isEnded = false;
    const reader = { after: 0, send() {}, end: () => (isEnded = true) };
    feeds.join({ filter: { teamId: TEAM }, teamIds: [TEAM] }, reader);
    const other = follow('denied');
    await write('denied');
    expect(isEnded).toBe(true);
    expect(other.heard).toHaveLength(1);
  });
});
