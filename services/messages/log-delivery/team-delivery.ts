import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import type { Background } from '../../runtime/background';
import { type Clock, isFresh, type Timer } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { DeliveryResult, LogDestination } from './destination';
import { saveCursor, takeCursor } from './store';

/** Longer than a delivery takes, and renewed before each: how long an instance that died blocks the others. */
const LEASE_MS = 60_000;
/** How often to check whether another instance has released the cursor. */
const POLL_INTERVAL_MS = 5_000;
/** A lasting fault is logged once in this time. */
const REPEAT_ERROR_MS = 60 * 60_000;

export interface TeamDeliveryDependencies {
  database: Database;
  grants: Pick<Grants, 'listLog'>;
  clock: Clock;
  background: Background;
  logger: Logger;
  instanceId: string;
}

export type TeamDelivery = ReturnType<typeof createTeamDelivery>;

/** Delivers the log of one team to one destination, in order. */
export function createTeamDelivery(
  destination: LogDestination,
  { teamId, deliveredSeq }: { teamId: string; deliveredSeq: number },
  { database, grants, clock, background, logger, instanceId }: TeamDeliveryDependencies,
) {
  const cursorKey = { name: destination.name, teamId };
  /** The last entry that was delivered, also where that could not be stored; and the stored one. */
  let delivered = deliveredSeq;
  let saved = deliveredSeq;
  let head = 0;
  let isRunning = false;
  let isStopped = false;
  let timer: Timer | undefined;
  let fault: { error: string; loggedAt: number } | undefined;

  function report(result: DeliveryResult): void {
    if (result.is === 'delivered') fault = undefined;
    if (result.is !== 'failed') return;
    const { error, advice, inMs } = result;
    const about = {
      sink: destination.name,
      team_id: teamId,
      error,
      again_in_seconds: Math.ceil(inMs / 1_000),
    };
    if (advice === undefined) logger.warn(about, 'log delivery failed: will retry');
    else if (fault?.error !== error || !isFresh(fault.loggedAt, clock.now(), REPEAT_ERROR_MS)) {
      fault = { error, loggedAt: clock.now() };
      logger.error({ ...about, advice }, 'log delivery stopped until an operator acts: no entries are lost');
    }
  }

  /** Renews the lease where delivery continues at once, and releases it otherwise. False where another instance has it. */
  async function save(attempts: number, { isContinuing, inMs }: { isContinuing: boolean; inMs: number }) {
    const dueAtMs = clock.now() + (isContinuing ? LEASE_MS : inMs);
    const to = { seq: delivered, attempts, owner: isContinuing ? instanceId : null, dueAtMs };
    const isOurs = await database.transact((tx) => saveCursor(tx, cursorKey, instanceId, to));
    if (isOurs) saved = to.seq;
    return isOurs;
  }

  /** Returns the ms until the next attempt; undefined: when the log grows. */
  async function deliverPending(): Promise<number | undefined> {
    const lease = { owner: instanceId, now: clock.now(), leaseMs: LEASE_MS };
    const cursor = await database.transact((tx) => takeCursor(tx, cursorKey, lease));
    saved = cursor.seq;
    delivered = Math.max(delivered, saved);
    if (!cursor.isOurs) {
      if (saved >= head) return undefined;
      const waitMs = Math.max(0, cursor.dueAtMs - clock.now());
      return cursor.isHeld ? Math.min(waitMs, POLL_INTERVAL_MS) : waitMs;
    }
    let { attempts } = cursor;
    for (;;) {
      const end = head;
      const { items } = await grants.listLog({
        filter: { teamId },
        order: 'asc',
        cursor: String(delivered),
        limit: destination.batchSize,
      });
      if (items.length === 0 || isStopped) {
        // Entries that are missing up to the end were deleted by age.
        if (items.length === 0) delivered = Math.max(delivered, end);
        await save(attempts, { isContinuing: false, inMs: 0 });
        return undefined;
      }
      const result = await destination.deliver(teamId, items, attempts);
      report(result);
      if (result.is === 'delivered') {
        delivered = items[result.count - 1]?.seq ?? delivered;
        attempts = 0;
      } else if (result.is === 'failed') attempts += 1;
      const inMs = result.is === 'delivered' ? destination.pauseMs : result.inMs;
      const isContinuing = inMs === 0 && !isStopped;
      if (!(await save(attempts, { isContinuing, inMs }))) return POLL_INTERVAL_MS;
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
    // A timer is set while delivery pauses, or another instance delivers.
    if (isRunning || isStopped || timer !== undefined || saved >= head) return;
    isRunning = true;
    background.run(`the ${destination.name} of the grant log`, async () => {
      let waitMs: number | undefined = POLL_INTERVAL_MS;
      try {
        waitMs = await deliverPending();
      } finally {
        isRunning = false;
        // An entry that was recorded meanwhile is delivered at once.
        scheduleIn(waitMs ?? (saved < head ? 0 : undefined));
      }
    });
  }

  return {
    /** The team's log now ends with the entry `newHead`. */
    wake(newHead: number): void {
      head = Math.max(head, newHead);
      run();
    },
    /** Starts no further delivery. */
    stop(): void {
      isStopped = true;
      timer?.cancel();
    },
  };
}
