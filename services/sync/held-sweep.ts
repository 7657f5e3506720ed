import type { Database } from '../database/database';
import type { Queryable } from '../database/schema';
import { type Clock, toIsoTime } from '../runtime/clock';
import { every } from '../runtime/interval';
import { goOn, isHeld, isLeft, SWEEP_LEASE_MS, startOver } from './place';
import { extendLease, findSweep, type Sweep, saveSweep } from './store';

/** How long a sweep stays with an instance that no longer says that it is alive, and how often a living one says so. */
const HEARTBEAT_MS = 5_000;

/** A sweep that this instance has, and no other. */
export interface HeldSweep {
  now(): Sweep;
  /** Saves where the sweep is now, in one transaction with what `write` writes; false where another has taken over. */
  step(write: (tx: Queryable, sweep: Sweep) => Promise<Sweep>): Promise<boolean>;
  /** From the first page on again. */
  startOver(): Promise<boolean>;
  /** Lets go of it, as it stands then. */
  end(last: Partial<Sweep>): Promise<boolean>;
  /** Says no longer that somebody is at it. */
  letGo(): void;
}

/** Takes the sweep of a team: a new one, or the one that was left. Answers with the sweep where another instance has it. */
export async function holdSweep(
  teamId: string,
  {
    database,
    clock,
    owner,
    onProgress,
  }: { database: Database; clock: Clock; owner: string; onProgress: (sweep: Sweep) => void },
): Promise<{ isMine: false; sweep: Sweep } | { isMine: true; held: HeldSweep }> {
  const holder = () => ({ owner, leaseUntilMs: clock.now() + SWEEP_LEASE_MS });
  const begin = (last: Sweep | undefined) => startOver(teamId, last, toIsoTime(clock.now()), holder());
  const inTurn = <T>(run: (tx: Queryable) => Promise<T>) => database.transactTeams([teamId], run);

  const begun = await inTurn(async (tx) => {
    const last = await findSweep(tx, teamId);
    if (last !== undefined && isHeld(last, clock.now())) return { isMine: false, sweep: last };
    const sweep = last !== undefined && isLeft(last) ? goOn(last, holder()) : begin(last);
    await saveSweep(tx, sweep);
    return { isMine: true, sweep };
  });
  if (!begun.isMine) return { isMine: false, sweep: begun.sweep };
  let { sweep } = begun;

  const extend = (db: Queryable) => extendLease(db, { teamId, owner, untilMs: holder().leaseUntilMs });
  const heartbeat = every(HEARTBEAT_MS, clock, () => {
    // One that fails is made good by the next, or by the next step.
    extend(database.query).catch(() => {});
  });

  async function step(write: Parameters<HeldSweep['step']>[0]): Promise<boolean> {
    try {
      return await save(write);
    } catch (error) {
      // Whoever cannot write must let go, or nobody else ever goes on.
      heartbeat.cancel();
      throw error;
    }
  }

  async function save(write: Parameters<HeldSweep['step']>[0]): Promise<boolean> {
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

  const held: HeldSweep = {
    now: () => sweep,
    step: (write) => step(async (tx, before) => ({ ...(await write(tx, before)), ...holder() })),
    startOver: () => step(async (_tx, before) => begin(before)),
    end(last) {
      heartbeat.cancel();
      return step(async (_tx, before) => ({ ...before, ...last, owner: undefined }));
    },
    letGo: () => heartbeat.cancel(),
  };
  return { isMine: true, held };
}
