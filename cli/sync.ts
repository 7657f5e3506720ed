import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { consentView } from '../listeners/blocks/consent';
import { type Config, loadConfig, readEnvironment, toSecrets } from '../services/config/config';
import { type Database, openDatabase } from '../services/database/database';
import { type OutputFormat, printRecords } from '../services/grants/log/print';
import { createBackground } from '../services/runtime/background';
import { systemClock } from '../services/runtime/clock';
import { createLogger } from '../services/runtime/logger';
import { createLogSigner } from '../services/runtime/secrets/log-signer';
import { createShortId } from '../services/runtime/short-id';
import { toOperatorAdvice } from '../services/slack/errors';
import type { Workspace } from '../services/slack/workspace';
import { createSlackServices } from '../services/slack-services';
import type { Drift } from '../services/sync/drift';
import { dryRun } from '../services/sync/dry-run';
import { createPageReader } from '../services/sync/page-reader';
import type { Sweep } from '../services/sync/store';
import type { SweepResult } from '../services/sync/sweep';
import { createSync } from '../services/sync/sync';
import { createProgressLine, fail, printText, toCount, toDuration } from './output';

const DRIFT_COLUMNS = ['team_id', 'user_id', 'scope', 'ours', 'slack'];
const PAGE_SIZE = 200;
const STOP_TIMEOUT_MS = 3_000;

interface SyncOptions {
  team?: string;
  dryRun?: boolean;
  format: OutputFormat;
}

/** `scopekeeper sync`: exit code 0 where the store is now (or, with --dry-run, has been found to be) as Slack says. */
export async function runSync(options: SyncOptions): Promise<void> {
  const config = loadConfig(readEnvironment());
  const signer = createLogSigner(config.signingKeys);
  const open = () => openDatabase({ config: config.database, clock: systemClock, mustExist: true, signer });
  const database = await open();
  try {
    const parts = await createSyncServices(config, database);
    try {
      const workspaces = await listChosen(parts, options.team);
      if (options.dryRun) await showDrifts(workspaces, options.format, parts, await open());
      else await sweepAll(workspaces, parts, config.tier2PerMinute);
    } finally {
      await parts.close();
    }
  } finally {
    await database.close();
  }
}

async function sweepAll(
  workspaces: readonly Workspace[],
  parts: SyncServices,
  perMinute: number,
): Promise<void> {
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    parts.sync.stop();
    // Does not wait for a call that Slack does not answer: pages that were read are written, and the next sweep continues there.
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  for (const workspace of workspaces) if (!isStopped) await sweep(workspace, parts, perMinute);
}

async function showDrifts(
  workspaces: readonly Workspace[],
  format: OutputFormat,
  parts: SyncServices,
  database: Database,
): Promise<void> {
  try {
    for (const workspace of workspaces) await showDrift(workspace, format, { ...parts, database });
  } finally {
    await database.close();
  }
}

async function createSyncServices(config: Config, database: Database) {
  const { tier2PerMinute: perMinute } = config;
  const clock = systemClock;
  // The summary reports failures; the log is only for what it cannot report.
  const logger = createLogger({ level: 'fatal', secrets: toSecrets(config) });
  const background = createBackground({ logger });
  const slack = await createSlackServices({
    config,
    database,
    background,
    clock,
    logger,
    botScopes: [],
    consentView,
  });
  const { backend, workspaces } = slack;
  return {
    clock,
    database,
    workspaces,
    backend,
    createPages: (workspace: Workspace) => createPageReader({ backend, workspace, clock, perMinute }),
    sync: createSync({
      database,
      backend,
      workspaces,
      clock,
      background,
      logger,
      perMinute,
      intervalMs: 0,
      instanceId: createShortId(),
    }),
    close: slack.close,
  };
}

type SyncServices = Awaited<ReturnType<typeof createSyncServices>>;

/** Every workspace, or the one that --team names. */
async function listChosen({ workspaces }: SyncServices, teamId: string | undefined): Promise<Workspace[]> {
  const known = await workspaces.list();
  if ('error' in known) {
    fail(`Slack did not say whose token SLACK_BOT_TOKEN is (${known.error}): check it.`);
    return [];
  }
  const chosen = known.workspaces.filter((workspace) => teamId === undefined || workspace.teamId === teamId);
  if (chosen.length > 0) return chosen;
  const ids = known.workspaces.map((workspace) => workspace.teamId).join(', ');
  if (teamId !== undefined) {
    fail(
      `The app is not in team ${teamId} (but in: ${ids || 'none'}): leave --team out, or name one of these.`,
    );
  } else fail('The app is in no workspace yet: open /slack/install.');
  return [];
}

async function sweep(workspace: Workspace, { sync, clock }: SyncServices, perMinute: number): Promise<void> {
  const beganAt = clock.now();
  const line = createProgressLine();
  const result = await sync.run(workspace, (sweep) =>
    line.show(`${toCounts(sweep)}${toTimeLeft(sweep, perMinute)}`),
  );
  line.clear();
  const took = toDuration(clock.now() - beganAt);
  if (result.kind === 'done') process.stdout.write(`Sync done: ${toCounts(result.sweep)}, ${took}.\n`);
  else fail(toFault(result));
  if ('sweep' in result && result.sweep.skipped > 0) process.stderr.write(`${toSkipped(result.sweep)}\n`);
}

function toFault(result: Exclude<SweepResult, { kind: 'done' }>): string {
  switch (result.kind) {
    case 'failed':
      return `The sync stopped at ${result.error} after ${toCounts(result.sweep)}. Nothing was changed but what had been read; the next sync mends the rest.${toAdviceText(result.advice)}`;
    case 'busy':
      return `The app is at it already: ${toCounts(result.sweep)} so far.`;
    case 'stopped':
      return 'Stopped. The sync goes on from its place the next time.';
  }
}

async function showDrift(workspace: Workspace, format: OutputFormat, parts: SyncServices): Promise<void> {
  const line = createProgressLine();
  const pages = parts.createPages(workspace);
  // Differences are printed as they are found, with back-pressure: they may not fit into memory.
  const found = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const running = dryRun(workspace.teamId, {
    ...parts,
    pages,
    onDrift: async (drifts) => {
      if (!found.destroyed && !found.write(drifts))
        await Promise.race([once(found, 'drain'), once(found, 'close')]);
    },
    onProgress: (progress) => line.show(toCounts(progress)),
  }).finally(() => found.end());
  try {
    await printText(printRecords(toRecords(found), { format, columns: DRIFT_COLUMNS }));
  } finally {
    // The reader has gone: stop reading pages.
    pages.stop();
    found.destroy();
  }
  const summary = await running;
  line.clear();
  if (summary.skipped > 0) process.stderr.write(`${toSkipped(summary)}\n`);
  if (summary.error === undefined && summary.skipped > 0 && summary.users === 0)
    fail('The dry run learnt nothing: every user was skipped.');
  else if (summary.error === undefined)
    process.stderr.write(`Dry run: ${toCounts(summary)}. Nothing was changed.\n`);
  else {
    const advice = toOperatorAdvice(summary.error, await parts.backend.kind(workspace));
    fail(`The dry run stopped at ${summary.error} after ${toCounts(summary)}.${toAdviceText(advice)}`);
  }
}

async function* toRecords(found: AsyncIterable<readonly Drift[]>) {
  for await (const drifts of found) yield drifts.flatMap(toDriftRecords);
}

function toDriftRecords({ teamId, userId, added, removed }: Drift) {
  const toRecord = (scope: string, ours: string, slack: string) => ({
    team_id: teamId,
    user_id: userId,
    scope,
    ours,
    slack,
  });
  return [
    ...added.map((scope) => toRecord(scope, 'missing', 'granted')),
    ...removed.map((scope) => toRecord(scope, 'granted', 'missing')),
  ];
}

function toCounts({ pages, users, changes }: { pages: number; users: number; changes: number }): string {
  return `${toCount(pages, 'page')}, ${toCount(users, 'user')}, ${toCount(changes, 'change')}`;
}

function toAdviceText(advice: string | undefined): string {
  return advice === undefined ? '' : `\nWhat to do: ${advice}.`;
}

function toSkipped({ skipped, skippedUsers }: Pick<Sweep, 'skipped' | 'skippedUsers'>): string {
  const named = skippedUsers.map(({ userId, error }) => `${userId} (${error})`).join(', ');
  const others = skipped - skippedUsers.length;
  return `Skipped, and left as they are: ${toCount(skipped, 'user')}: ${named}${others > 0 ? ` and ${others} more` : ''}.`;
}

/** An estimate from the number of users last time and the pages that Slack allows a minute. */
function toTimeLeft({ users, lastUsers }: Sweep, perMinute: number): string {
  if (lastUsers === undefined) return '';
  const pagesLeft = Math.max(0, Math.ceil((lastUsers - users) / PAGE_SIZE));
  return `, about ${toDuration((pagesLeft / perMinute) * 60_000)} left`;
}
