import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import type { Background } from '../../runtime/background';
import type { Clock, Timer } from '../../runtime/clock';
import type { Sink, Telling } from './sink';
import { savePlace, takePlace } from './store';

export type Follower = ReturnType<typeof createFollower>;

/** Longer than a delivery takes, renewed before each: an instance that died keeps the cursor no longer. */
const LEASE_MS = 60_000;
/** How often to look whether another instance has released it. */
const LOOK_INTERVAL_MS = 5_000;

export interface FollowerParts {
  database: Database;
  grants: Pick<Grants, 'listLog'>;
  clock: Clock;
  background: Background;
  /** Names this instance. */
  instanceId: string;
  onTelling: (teamId: string, telling: Telling) => void;
}

/** Delivers the log of one team to one sink, in order. */
export function createFollower(
  sink: Sink,
  { teamId, toldSeq }: { teamId: string; toldSeq: number },
  { database, grants, clock, background, instanceId, onTelling }: FollowerParts,
) {
  const place = { name: sink.name, teamId };
  /** The last entry that was delivered, also where that could not be stored; and the stored one. */
  let told = toldSeq;
  let saved = toldSeq;
  let head = 0;
  let isRunning = false;
  let isStopped = false;
  let timer: Timer | undefined;

  function take() {
    const lease = { owner: instanceId, now: clock.now(), leaseMs: LEASE_MS };
    return database.transact((tx) => takePlace(tx, place, lease));
  }
  /** Also renews the lease, where we go on at once. */
  async function save(attempts: number, { goesOn, inMs }: { goesOn: boolean; inMs: number }) {
    const dueAtMs = clock.now() + (goesOn ? LEASE_MS : inMs);
    const to = { seq: told, attempts, owner: goesOn ? instanceId : null, dueAtMs };
    const isOurs = await database.transact((tx) => savePlace(tx, place, instanceId, to));
    if (isOurs) saved = to.seq;
    return isOurs;
  }

  /** Returns the ms until the next attempt; undefined: when the log grows. */
  async function follow(): Promise<number | undefined> {
    const taken = await take();
    saved = taken.seq;
    told = Math.max(told, saved);
    if (!taken.isOurs) {
      if (saved >= head) return undefined;
      const waitMs = Math.max(0, taken.dueAtMs - clock.now());
      return taken.isHeld ? Math.min(waitMs, LOOK_INTERVAL_MS) : waitMs;
    }
    let { attempts } = taken;
    for (;;) {
      const end = head;
      const page = { filter: { teamId }, order: 'asc', cursor: String(told), limit: sink.atOnce } as const;
      const { items } = await grants.listLog(page);
      if (items.length === 0 || isStopped) {
        // Entries up to the end that are missing were deleted by age.
        if (items.length === 0) told = Math.max(told, end);
        await save(attempts, { goesOn: false, inMs: 0 });
        return undefined;
      }
      const telling = await sink.tell(teamId, items, attempts);
      onTelling(teamId, telling);
      if (telling.is === 'told') told = items[telling.count - 1]?.seq ?? told;
      attempts = telling.is === 'told' ? 0 : telling.is === 'failed' ? attempts + 1 : attempts;
      const inMs = telling.is === 'told' ? sink.pauseMs : telling.inMs;
      const goesOn = inMs === 0 && !isStopped;
      const isOurs = await save(attempts, { goesOn, inMs });
      if (!isOurs) return LOOK_INTERVAL_MS;
      if (!goesOn) return saved >= head ? undefined : inMs;
    }
  }

  function lookIn(ms: number | undefined): void {
    if (ms === undefined || isStopped) return;
    timer = clock.setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  }

  function run(): void {
    // With a timer set, it rests, or another instance delivers.
    if (isRunning || isStopped || timer !== undefined || saved >= head) return;
    isRunning = true;
    background.run(`the ${sink.name} of the grant log`, async () => {
      let waitMs: number | undefined = LOOK_INTERVAL_MS;
      try {
        waitMs = await follow();
      } finally {
        isRunning = false;
        // An entry that came meanwhile is delivered at once.
        lookIn(waitMs ?? (saved < head ? 0 : undefined));
      }
    });
  }

  return {
    /** The team's log reaches up to this entry. */
    wake(newHead: number): void {
      head = Math.max(head, newHead);
      run();
    },
    /** After what is under way. */
    stop(): void {
      isStopped = true;
      timer?.cancel();
    },
  };
}
