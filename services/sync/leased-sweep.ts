import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import { repeatEvery } from '../runtime/interval';
import { extendLease, findSweep, type Sweep, saveSweep } from './store';
import { canResume, isLeased, restartSweep, resumeSweep, SWEEP_LEASE_MS } from './sweep-state';

/** How often an instance renews its lease of a sweep. */
const HEARTBEAT_MS = 5_000;

type Taken = Awaited<ReturnType<typeof leaseSweep>>;
/** A sweep that this instance has leased. */
export type LeasedSweep = Extract<Taken, { isMine: true }>['held'];
type Write = (tx: Queryable, sweep: Sweep) => Promise<Sweep>;

/** Leases the sweep of a team: a new one, or the one that was left. Returns the sweep where another instance has it. */
export async function leaseSweep(
  teamId: string,
  {
    database,
    clock,
    owner,
    onProgress,
  }: { database: Database; clock: Clock; owner: string; onProgress: (sweep: Sweep) => void },
) {
  const holder = () => ({ owner, leaseUntilMs: clock.now() + SWEEP_LEASE_MS });
  const begin = (last: Sweep | undefined) => restartSweep(teamId, last, toIsoTime(clock.now()), holder());
  const inTurn = <T>(run: (tx: Queryable) => Promise<T>) => database.transactTeams([teamId], run);

  const begun = await inTurn(async (tx) => {
    const last = await findSweep(tx, teamId);
    if (last !== undefined && isLeased(last, clock.now())) return { isMine: false, sweep: last };
    const sweep = last !== undefined && canResume(last) ? resumeSweep(last, holder()) : begin(last);
    await saveSweep(tx, sweep);
    return { isMine: true, sweep };
  });
  if (!begun.isMine) return { isMine: false as const, sweep: begun.sweep };
  let { sweep } = begun;

  const extend = (db: Queryable) => extendLease(db, { teamId, owner, untilMs: holder().leaseUntilMs });
  const heartbeat = repeatEvery(HEARTBEAT_MS, clock, () => {
    // The next heartbeat or step makes up for a failed one.
    extend(database.query).catch(() => {});
  });

  async function step(write: Write): Promise<boolean> {
    try {
      return await save(write);
    } catch (error) {
      // Without the heartbeat the lease runs out, and another instance goes on.
      heartbeat.cancel();
      throw error;
    }
  }

  async function save(write: Write): Promise<boolean> {
    const next = await inTurn(async (tx) => {
      if (!(await extend(tx))) return undefined;
      const after = await write(tx, sweep);
      await saveSweep(tx, after);
      return after;
    });
    if (next === undefined) {
      heartbeat.cancel();
      return false;
    }
    sweep = next;
    onProgress(sweep);
    return true;
  }

  const held = {
    now: () => sweep,
    /** Stores where the sweep is, in one transaction with what `write` writes; false where another has taken over. */
    step: (write: Write) => step(async (tx, before) => ({ ...(await write(tx, before)), ...holder() })),
    /** From the first page again. */
    startOver: () => step(async (_tx, before) => begin(before)),
    /** Ends the lease; `last` is stored with it. */
    end(last: Partial<Sweep>): Promise<boolean> {
      heartbeat.cancel();
      return step(async (_tx, before) => ({ ...before, ...last, owner: undefined }));
    },
    /** Ends the heartbeat. */
    letGo: (): void => heartbeat.cancel(),
  };
  return { isMine: true as const, held };
}
