import { type Database, openDatabase } from '../../services/database/database';
import { createSemaphore } from '../../services/permissions/queue/in-turn';
import { createRateLimitQueue, type RateLimitQueue } from '../../services/permissions/queue/queue';
import { createRequests } from '../../services/permissions/requests/requests';
import type { PermissionRequest } from '../../services/permissions/requests/store';
import { createRateLimiter } from '../../services/slack/rate-limiter';
import { createTestDatabase, type TestDatabase } from '../support/databases';
import { createTestClock, type TestClock } from '../support/test-clock';

const TIER2 = 20;
const TURN_MS = 60_000 / TIER2;

let clock: TestClock;
beforeEach(() => {
  clock = createTestClock();
});

describe('calls at Tier 2', () => {
  it('are a burst of twenty, then one every three seconds', async () => {
    const rate = createRateLimiter({ perMinute: TIER2, clock });
    for (let call = 0; call < TIER2; call += 1) expect(rate.take()).toBe(0);
    expect(rate.take()).toBe(TURN_MS);
    await clock.advance(TURN_MS - 100);
    const leftMs = rate.take();
    expect(leftMs).toBeGreaterThanOrEqual(100);
    await clock.advance(leftMs);
    expect(rate.take()).toBe(0);
    expect(rate.take()).toBeGreaterThan(TURN_MS - 10);
  });

  it('are no more than a burst after the longest rest, and none at once after a 429', async () => {
    const rate = createRateLimiter({ perMinute: TIER2, clock });
    await clock.advance(24 * 60 * 60_000);
    for (let call = 0; call < TIER2; call += 1) expect(rate.take()).toBe(0);
    expect(rate.take()).toBeGreaterThan(0);
    await clock.advance(60_000);
    rate.drain();
    expect(rate.take()).toBe(TURN_MS);
  });

  it('stand still, and lose nothing, where the clock is put back', async () => {
    const rate = createRateLimiter({ perMinute: TIER2, clock });
    rate.drain();
    clock.set(-60 * 60_000);
    expect(rate.take()).toBe(TURN_MS);
    await clock.advance(TURN_MS);
    expect(rate.take()).toBe(0);
  });
});

describe('slots of a workspace', () => {
  it('are given in the order of asking, and no more of them than there are', async () => {
    const slots = createSemaphore(2);
    const order: number[] = [];
    const gives: (() => void)[] = [];
    const asking = [1, 2, 3, 4].map(async (number) => {
      gives[number] = await slots.take('T1');
      order.push(number);
    });
    await clock.advance(0);
    expect(order).toEqual([1, 2]);
    gives[2]?.();
    await clock.advance(0);
    expect(order).toEqual([1, 2, 3]);
    gives[1]?.();
    await Promise.all(asking);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('are given back once, however often that is said', async () => {
    const slots = createSemaphore(1);
    const give = await slots.take('T1');
    give();
    give();
    await slots.take('T1');
    let isTaken = false;
    void slots.take('T1').then(() => {
      isTaken = true;
    });
    await clock.advance(0);
    expect(isTaken).toBe(false);
  });

  it('of one workspace never wait for another', async () => {
    const slots = createSemaphore(1);
    await slots.take('T1');
    await slots.take('T2');
  });
});

describe('the rate-limit queue', () => {
  let place: TestDatabase;
  let database: Database;
  let rateLimitQueue: RateLimitQueue;
  let told: string[];
  beforeEach(async () => {
    place = await createTestDatabase('sqlite');
    database = await openDatabase({ config: place.config, clock });
    const { recordCalled } = createRequests({ database, clock, requestTtlMs: 15 * 60_000 });
    rateLimitQueue = createRateLimitQueue({ database, clock, perMinute: TIER2, recordCalled });
    told = [];
  });
  afterEach(async () => {
    await database.close();
    await place.destroy();
  });

  const toRequest = (user: number): PermissionRequest => ({
    id: `request-${user}`,
    teamId: 'T1',
    enterpriseId: undefined,
    userId: `U${user}`,
    scopes: ['dnd:write:user'],
    reason: null,
    triggerSource: 'slash_command',
    createdAt: new Date(clock.now()).toISOString(),
  });
  const call = () => rateLimitQueue.callDue(({ userId }) => void told.push(userId));

  /** So many wait: the first met the 429. */
  async function wait(count: number, retryAfterMs: number): Promise<void> {
    await rateLimitQueue.recordRateLimit(toRequest(1), retryAfterMs);
    for (let user = 2; user <= count; user += 1) await rateLimitQueue.enter(toRequest(user));
  }

  it('asks nobody to wait before the first 429, and everybody after it', async () => {
    expect(await rateLimitQueue.enter(toRequest(1))).toEqual({ is: 'free' });
    expect(await rateLimitQueue.recordRateLimit(toRequest(1), 30_000)).toEqual({
      requestId: 'request-1',
      position: 1,
      waitMs: 30_000 + TURN_MS,
    });
    expect(await rateLimitQueue.enter(toRequest(2))).toMatchObject({
      is: 'waiting',
      ticket: { position: 2, waitMs: 30_000 + 2 * TURN_MS },
    });
  });

  it('hands out nothing during Slack’s pause, then one turn, then one each three seconds', async () => {
    await wait(4, 30_000);
    for (const [ms, expected] of [
      [29_999, []],
      [1, ['U1']],
      [TURN_MS - 1, ['U1']],
      [1, ['U1', 'U2']],
      [TURN_MS, ['U1', 'U2', 'U3']],
    ] as const) {
      await clock.advance(ms);
      await call();
      expect(told).toEqual(expected);
    }
  });

  it('loses no fraction of a turn, however oddly it is called', async () => {
    await wait(20, 0);
    await call();
    for (let passed = 0; passed < 30_000; passed += 700) {
      await clock.advance(700);
      await call();
    }
    // The one of the 429's end, and those of 30.1 seconds.
    expect(new Set(told).size).toBe(1 + Math.floor(30_100 / TURN_MS));
  });

  it('saves up one turn at most while nobody is there to hand them out', async () => {
    await wait(5, 1_000);
    await clock.advance(5 * 60_000);
    await call();
    expect(told).toEqual(['U1']);
  });

  it('keeps the turn of whoever was called, and lets nobody else by before those who wait', async () => {
    await wait(1, 1_000);
    await clock.advance(1_000);
    await call();
    expect(await rateLimitQueue.enter(toRequest(1))).toEqual({ is: 'called', calledRequestId: 'request-1' });
    await clock.advance(30_000);
    await call();
    expect((await rateLimitQueue.enter(toRequest(2))).is).toBe('free');
    expect((await rateLimitQueue.enter(toRequest(3))).is).toBe('waiting');
  });

  it('is gone a minute after the last 429, where nobody waits any more', async () => {
    await wait(1, 1_000);
    await clock.advance(1_000);
    await call();
    await clock.advance(61_000);
    await call();
    await call();
    for (const user of [2, 3, 4]) expect(await rateLimitQueue.enter(toRequest(user))).toEqual({ is: 'free' });
  });
});
