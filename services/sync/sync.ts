import type { Background } from '../background';
import { type Clock, toIsoTime } from '../clock';
import type { Database } from '../database/database';
import type { Logger } from '../logger';
import type { PermissionsBackend } from '../permissions/backend';
import type { TeamAnswer } from '../slack-token';
import { createPages } from './pages';
import { isHeld } from './place';
import { findSweep, type Sweep } from './store';
import { type SweepResult, sweepTeam } from './sweep';

/** What came of asking for a sweep. */
export type SyncResult = SweepResult | { kind: 'no_team'; error: string };

/** Keeps the store true to what Slack says. */
export interface Sync {
  /** Sweeps now, or says that a sweep is under way. */
  run(onProgress?: (sweep: Sweep) => void): Promise<SyncResult>;
  /** Begins a sweep in the background where one is due, or was left by an instance that died. */
  runIfDue(): void;
  /** How the last sweep of a team ended, or how far this one is. */
  findLast(teamId: string): Promise<Sweep | undefined>;
  /** Leaves the sweep under way at its place. */
  stop(): void;
}

export function createSync({
  database,
  backend,
  clock,
  background,
  logger,
  perMinute,
  intervalMs,
  instanceId,
  findTeam,
}: {
  database: Database;
  backend: Pick<PermissionsBackend, 'list'>;
  clock: Clock;
  background: Background;
  logger: Logger;
  /** `TIER2_PER_MINUTE` */
  perMinute: number;
  /** 0: only when asked. */
  intervalMs: number;
  instanceId: string;
  findTeam: () => Promise<TeamAnswer>;
}): Sync {
  const pages = createPages({ backend, clock, perMinute });
  let underWay: Promise<SyncResult> | undefined;
  let isStopped = false;
  /** The first is due at once. */
  let lookAgainAt = Number.NEGATIVE_INFINITY;

  async function sweepOnce(onProgress: (sweep: Sweep) => void): Promise<SyncResult> {
    const team = await findTeam();
    if ('error' in team) {
      logger.warn({ error: team.error }, 'no sync: slack did not say whose token this is');
      return { kind: 'no_team', error: team.error };
    }
    const result = await sweepTeam(team.teamId, { database, pages, clock, owner: instanceId, onProgress });
    if (result.kind === 'failed') logger.warn({ team_id: team.teamId, error: result.error }, 'sync failed');
    if (result.kind === 'done') {
      const { users, changes, pages: count } = result.sweep;
      logger.info({ team_id: team.teamId, pages: count, users, changes }, 'sync done');
    }
    return result;
  }

  async function isDue(): Promise<boolean> {
    const team = await findTeam();
    if ('error' in team) {
      lookAgainAt = clock.now() + NO_TEAM_PAUSE_MS;
      return false;
    }
    const last = await findSweep(database.query, team.teamId);
    if (isHeld(last, clock.now())) return false;
    if (last?.state === 'walking' || last?.state === 'ending') return true;
    return last?.finishedAt === undefined || last.finishedAt <= toIsoTime(clock.now() - intervalMs);
  }

  const sync: Sync = {
    async run(onProgress = () => {}) {
      // Both asked this instance: they have the same sweep.
      underWay ??= sweepOnce(onProgress).finally(() => {
        underWay = undefined;
      });
      return underWay;
    },

    runIfDue() {
      if (intervalMs === 0 || underWay !== undefined || isStopped || clock.now() < lookAgainAt) return;
      const isFirst = lookAgainAt === Number.NEGATIVE_INFINITY;
      lookAgainAt = clock.now() + LOOK_INTERVAL_MS;
      background.run('sync', async () => {
        if (!isFirst && !(await isDue())) return;
        const result = await sync.run();
        // Asking again at once would bring the same answer.
        if (result.kind === 'no_team') lookAgainAt = clock.now() + NO_TEAM_PAUSE_MS;
      });
    },

    findLast: (teamId) => findSweep(database.query, teamId),

    stop() {
      isStopped = true;
      pages.stop();
    },
  };
  return sync;
}

const NO_TEAM_PAUSE_MS = 60_000;

/** How often to look whether a sweep is due, or was left. */
const LOOK_INTERVAL_MS = 5_000;
