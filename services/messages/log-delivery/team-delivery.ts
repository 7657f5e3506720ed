import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import type { Background } from '../../runtime/background';
import type { Clock, Timer } from '../../runtime/clock';
import type { DeliveryResult, LogDestination } from './destination';
import { saveCursor, takeCursor } from './store';

export type TeamDelivery = ReturnType<typeof createTeamDelivery>;

/** Longer than a delivery takes, renewed before each: an instance that died keeps the cursor no longer. */
const LEASE_MS = 60_000;
/** How often to look whether another instance has released it. */
const POLL_INTERVAL_MS = 5_000;

export interface TeamDeliveryDependencies {
  database: Database;
  grants: Pick<Grants, 'listLog'>;
  clock: Clock;
  background: Background;
  /** Names this instance. */
  instanceId: string;
  onResult: (teamId: string, result: DeliveryResult) => void;
}

/** Delivers the log of one team to one sink, in order. */
export function createTeamDelivery(
  destination: LogDestination,
  { teamId, deliveredSeq }: { teamId: string; deliveredSeq: number },
  { database, grants, clock, background, instanceId, onResult }: TeamDeliveryDependencies,
) {
  const cursorKey = { name: destination.name, teamId };
  /** The last entry that was delivered, also where that could not be stored; and the stored one. */
  let delivered = deliveredSeq;
  let saved = deliveredSeq;
  let head = 0;
  let isRunning = false;
  let isStopped = false;
  let timer: Timer | undefined;

  function leaseCursor() {
    const lease = { owner: instanceId, now: clock.now(), leaseMs: LEASE_MS };
    return database.transact((tx) => takeCursor(tx, cursorKey, lease));
  }
  /** Also renews the lease, where we go on at once. */
  async function save(attempts: number, { isContinuing, inMs }: { isContinuing: boolean; inMs: number }) {
    const dueAtMs = clock.now() + (isContinuing ? LEASE_MS : inMs);
    const to = { seq: delivered, attempts, owner: isContinuing ? instanceId : null, dueAtMs };
    const isOurs = await database.transact((tx) => saveCursor(tx, cursorKey, instanceId, to));
    if (isOurs) saved = to.seq;
    return isOurs;
  }

  /** Returns the ms until the next attempt; undefined: when the log grows. */
  async function deliverPending(): Promise<number | undefined> {
    const taken = await leaseCursor();
    saved = taken.seq;
    delivered = Math.max(delivered, saved);
    if (!taken.isOurs) {
      if (saved >= head) return undefined;
      const waitMs = Math.max(0, taken.dueAtMs - clock.now());
      return taken.isHeld ? Math.min(waitMs, POLL_INTERVAL_MS) : waitMs;
    }
    let { attempts } = taken;
    for (;;) {
      const end = head;
      const page = {
        filter: { teamId },
        order: 'asc',
        cursor: String(delivered),
        limit: destination.batchSize,
      } as const;
      const { items } = await grants.listLog(page);
      if (items.length === 0 || isStopped) {
        // Entries up to the end that are missing were deleted by age.
        if (items.length === 0) delivered = Math.max(delivered, end);
        await save(attempts, { isContinuing: false, inMs: 0 });
        return undefined;
      }
      const result = await destination.deliver(teamId, items, attempts);
      onResult(teamId, result);
      if (result.is === 'told') delivered = items[result.count - 1]?.seq ?? delivered;
      attempts = result.is === 'told' ? 0 : result.is === 'failed' ? attempts + 1 : attempts;
      const inMs = result.is === 'told' ? destination.pauseMs : result.inMs;
      const isContinuing = inMs === 0 && !isStopped;
      const isOurs = await save(attempts, { isContinuing, inMs });
      if (!isOurs) return POLL_INTERVAL_MS;
      if (!isContinuing) return saved >= head ? undefined : inMs;
    }
  }

  function scheduleIn(ms: number | undefined): void {
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
    background.run(`the ${destination.name} of the grant log`, async () => {
      let waitMs: number | undefined = POLL_INTERVAL_MS;
      try {
        waitMs = await deliverPending();
      } finally {
        isRunning = false;
        // An entry that came meanwhile is delivered at once.
        scheduleIn(waitMs ?? (saved < head ? 0 : undefined));
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
