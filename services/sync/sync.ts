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
import { INTERNAL_ERROR, isLeased, type SweepResult, sweepTeam } from './sweep';

export type Sync = ReturnType<typeof createSync>;

/** How often to check whether a sweep is due, or was left. */
const CHECK_INTERVAL_MS = 5_000;
/** Where Slack does not identify the token: asking again at once would bring the same answer. */
const NO_TEAM_PAUSE_MS = 60_000;

/** Keeps the store consistent with what Slack lists. */
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
  /** 0: only on request. */
  intervalMs: number;
  instanceId: string;
  metrics?: Metrics;
}) {
  /** By team: each has a rate of its own at Slack. */
  const pages = new Map<string, PageReader>();
  const running = new Map<string, Promise<SweepResult>>();
  let isStopped = false;
  /** Undefined: the first check, at which every workspace is due. */
  let checkAt: number | undefined;

  function pagesOf(workspace: Workspace): PageReader {
    const known = pages.get(workspace.teamId) ?? createPageReader({ backend, workspace, clock, perMinute });
    pages.set(workspace.teamId, known);
    if (isStopped) known.stop();
    return known;
  }

  async function sweepOnce(workspace: Workspace, onProgress: (sweep: Sweep) => void): Promise<SweepResult> {
    const { teamId } = workspace;
    const parts = { database, pages: pagesOf(workspace), clock, owner: instanceId, onProgress };
    const result = await sweepTeam(teamId, parts).catch((error: unknown) => toInternalFailure(teamId, error));
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

  /** Reported to whoever requested the sweep. */
  async function toInternalFailure(teamId: string, error: unknown): Promise<SweepResult> {
    logger.error({ team_id: teamId, err: error }, 'sync failed unexpectedly');
    const sweep = await findSweep(database.query, teamId);
    if (sweep === undefined) throw error;
    return { kind: 'failed', sweep, error: INTERNAL_ERROR };
  }

  async function isDue({ teamId }: Workspace): Promise<boolean> {
    const last = await findSweep(database.query, teamId);
    if (isLeased(last, clock.now())) return false;
    // One that was left has not finished.
    if (last?.finishedAt === undefined) return true;
    return hasElapsed(Date.parse(last.finishedAt) + intervalMs, clock.now(), intervalMs);
  }

  async function checkDue(): Promise<void> {
    if (isStopped || !hasElapsed(checkAt ?? 0, clock.now(), NO_TEAM_PAUSE_MS)) return;
    const isFirst = checkAt === undefined;
    checkAt = clock.now() + CHECK_INTERVAL_MS;
    const known = await workspaces.list();
    if ('error' in known) {
      logger.warn({ error: known.error }, 'sync not started: slack did not identify the token');
      checkAt = clock.now() + NO_TEAM_PAUSE_MS;
      return;
    }
    for (const workspace of known.workspaces) {
      try {
        if (!isStopped && (isFirst || (await isDue(workspace)))) await run(workspace);
      } catch (error) {
        // The next workspace may succeed.
        logger.error({ team_id: workspace.teamId, err: error }, 'failed to sync a workspace');
      }
    }
  }

  /** Sweeps a workspace now, or joins the sweep that is running in this instance. */
  function run(workspace: Workspace, onProgress: (sweep: Sweep) => void = () => {}): Promise<SweepResult> {
    const known = running.get(workspace.teamId);
    if (known !== undefined) return known;
    const started = sweepOnce(workspace, onProgress).finally(() => running.delete(workspace.teamId));
    running.set(workspace.teamId, started);
    return started;
  }

  return {
    run,
    /** Starts sweeps in the background where they are due, or were left by an instance that died. */
    startDue: intervalMs === 0 ? () => {} : background.coalesce('sync', checkDue),
    /** How the last sweep of a team ended, or how far the current one is. */
    findLastSweep: (teamId: string) => findSweep(database.query, teamId),
    /** Stops the sweeps that are running; their cursors are stored. */
    stop(): void {
      isStopped = true;
      for (const reader of pages.values()) reader.stop();
    },
  };
}
