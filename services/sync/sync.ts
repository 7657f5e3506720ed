import type { Database } from '../database/database';
import { type Metrics, noMetrics } from '../metrics/metrics';
import type { Workspaces } from '../oauth/workspaces';
import type { PermissionsBackend } from '../permissions/backend';
import type { Background } from '../runtime/background';
import { type Clock, hasElapsed } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { toOperatorAdvice } from '../slack/errors';
import type { Workspace } from '../slack/workspace';
import { createPageReader, type PageReader } from './page-reader';
import { findSweep, type Sweep } from './store';
import { type SweepResult, sweepTeam } from './sweep';
import { INTERNAL_ERROR, isLeased } from './sweep-state';

export type Sync = ReturnType<typeof createSync>;

const NO_TEAM_PAUSE_MS = 60_000;

/** How often to look whether a sweep is due, or was left. */
const CHECK_INTERVAL_MS = 5_000;

/** Keeps the store true to what Slack says. */
export function createSync({
  database,
  backend,
  workspaces,
  clock,
  background,
  logger,
  perMinute,
  intervalMs,
  instanceId,
  metrics = noMetrics,
}: {
  database: Database;
  backend: Pick<PermissionsBackend, 'list' | 'kind'>;
  workspaces: Pick<Workspaces, 'list'>;
  clock: Clock;
  background: Background;
  logger: Logger;
  /** `TIER2_PER_MINUTE` */
  perMinute: number;
  /** 0: only when asked. */
  intervalMs: number;
  instanceId: string;
  metrics?: Metrics;
}) {
  /** By team: each has a rate of its own at Slack. */
  const pages = new Map<string, PageReader>();
  const underWay = new Map<string, Promise<SweepResult>>();
  let isLooking = false;
  let isStopped = false;
  /** The first is due at once. */
  let lookAgainAt = Number.NEGATIVE_INFINITY;

  function pagesOf(workspace: Workspace): PageReader {
    const known = pages.get(workspace.teamId) ?? createPageReader({ backend, workspace, clock, perMinute });
    pages.set(workspace.teamId, known);
    if (isStopped) known.stop();
    return known;
  }

  async function sweepOnce(workspace: Workspace, onProgress: (sweep: Sweep) => void): Promise<SweepResult> {
    const { teamId } = workspace;
    const parts = { database, pages: pagesOf(workspace), clock, owner: instanceId, onProgress };
    const result = await sweepTeam(teamId, parts).catch((error: unknown) => toOwnFault(teamId, error));
    const isOurs = 'sweep' in result && result.kind !== 'busy';
    metrics.swept(result.kind, isOurs ? result.sweep : { changes: 0, skipped: 0 });
    if (result.kind === 'failed') {
      result.advice = toOperatorAdvice(result.error, await backend.kind(workspace));
      logger.warn({ team_id: teamId, error: result.error, advice: result.advice }, 'sync failed');
    }
    if (result.kind === 'done') {
      const { users, changes, pages: count, skipped, skippedUsers } = result.sweep;
      logger.info({ team_id: teamId, pages: count, users, changes, skipped }, 'sync done');
      if (skipped > 0) logger.warn({ team_id: teamId, skipped, first: skippedUsers }, 'sync skipped users');
    }
    return result;
  }

  /** So that whoever asked for the sweep reads that it failed. */
  async function toOwnFault(teamId: string, error: unknown): Promise<SweepResult> {
    logger.error({ team_id: teamId, err: error }, 'sync failed unexpectedly');
    const sweep = await findSweep(database.query, teamId);
    if (sweep === undefined) throw error;
    return { kind: 'failed', sweep, error: INTERNAL_ERROR };
  }

  async function isDue({ teamId }: Workspace): Promise<boolean> {
    const last = await findSweep(database.query, teamId);
    if (isLeased(last, clock.now())) return false;
    if (last?.state === 'walking' || last?.state === 'ending') return true;
    return (
      last?.finishedAt === undefined ||
      hasElapsed(Date.parse(last.finishedAt) + intervalMs, clock.now(), intervalMs)
    );
  }

  async function look(isFirst: boolean): Promise<void> {
    const known = await workspaces.list();
    if ('error' in known) {
      logger.warn({ error: known.error }, 'sync not started: slack did not identify the token');
      // Asking again at once would bring the same answer.
      lookAgainAt = clock.now() + NO_TEAM_PAUSE_MS;
      return;
    }
    for (const workspace of known.workspaces) {
      try {
        if (!isStopped && (isFirst || (await isDue(workspace)))) await run(workspace);
      } catch (error) {
        // The next workspace may fare better.
        logger.error({ team_id: workspace.teamId, err: error }, 'failed to sync a workspace');
      }
    }
  }

  /** Sweeps a workspace now, or joins the sweep that is under way in this instance. */
  function run(workspace: Workspace, onProgress: (sweep: Sweep) => void = () => {}): Promise<SweepResult> {
    // Both asked this instance: they have the same sweep.
    const running = underWay.get(workspace.teamId);
    if (running !== undefined) return running;
    const begun = sweepOnce(workspace, onProgress).finally(() => underWay.delete(workspace.teamId));
    underWay.set(workspace.teamId, begun);
    return begun;
  }

  return {
    run,
    /** Begins sweeps in the background where they are due, or were left by an instance that died. */
    startDue(): void {
      if (
        intervalMs === 0 ||
        isLooking ||
        isStopped ||
        !hasElapsed(lookAgainAt, clock.now(), NO_TEAM_PAUSE_MS)
      )
        return;
      const isFirst = lookAgainAt === Number.NEGATIVE_INFINITY;
      lookAgainAt = clock.now() + CHECK_INTERVAL_MS;
      isLooking = true;
      background.run('sync', () =>
        look(isFirst).finally(() => {
          isLooking = false;
        }),
      );
    },

    /** How the last sweep of a team ended, or how far this one is. */
    findLastSweep: (teamId: string): Promise<Sweep | undefined> => findSweep(database.query, teamId),

    /** Stops what is under way; its place is stored. */
    stop(): void {
      isStopped = true;
      for (const one of pages.values()) one.stop();
    },
  };
}
