import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { WebClient } from '@slack/web-api';
import { createBackground } from '../services/background';
import { systemClock } from '../services/clock';
import { type Config, loadConfig, readEnvironment } from '../services/config';
import { type Database, openDatabase } from '../services/database/database';
import { type Format, printRecords } from '../services/grants/print';
import { createLogger, toSlackLogger } from '../services/logger';
import { createNativeBackend } from '../services/permissions/native';
import { createReference } from '../services/reference';
import { createTeamFinder } from '../services/slack-token';
import type { Drift } from '../services/sync/drift';
import { dryRun } from '../services/sync/dry-run';
import { createPages } from '../services/sync/pages';
import type { Sweep } from '../services/sync/store';
import { createSync, type SyncResult } from '../services/sync/sync';
import { createTriggerExchange } from '../services/trigger/exchange';
import { createProgressLine, print, toCount, toDuration } from './output';

const DRIFT_COLUMNS = ['team_id', 'user_id', 'scope', 'ours', 'slack'];
const PAGE_SIZE = 200;

interface SyncOptions {
  team?: string;
  dryRun?: boolean;
  format: Format;
}

/** `scopekeeper sync`: exit code 0 where the store is now (or, with --dry-run, has been found to be) as Slack says. */
export async function runSync(options: SyncOptions): Promise<void> {
  const config = loadConfig(readEnvironment());
  const database = await openDatabase({ config: config.database, clock: systemClock, mustExist: true });
  const parts = createParts(config, database);
  try {
    const team = await parts.findTeam();
    if ('error' in team)
      return fail(`Slack did not say whose token SLACK_BOT_TOKEN is (${team.error}): check it.`);
    if (options.team !== undefined && options.team !== team.teamId) {
      return fail(
        `SLACK_BOT_TOKEN is of team ${team.teamId}, not ${options.team}: leave --team out, or set the other token.`,
      );
    }
    if (options.dryRun) await showDrift(team.teamId, options.format, parts);
    else await sweep(parts, config.tier2PerMinute);
  } finally {
    await parts.close();
    await database.close();
  }
}

function createParts(config: Config, database: Database) {
  const { slackApiUrl, botToken, tier2PerMinute: perMinute } = config;
  const clock = systemClock;
  // What goes wrong is said in the summary; only what the summary cannot say is logged.
  const logger = createLogger({ level: 'fatal', secrets: [botToken, config.signingSecret] });
  const retryConfig = { retries: 0 };
  const client = new WebClient(botToken, {
    slackApiUrl,
    retryConfig,
    timeout: 10_000,
    logger: toSlackLogger(logger),
  });
  const exchange = createTriggerExchange({ slackApiUrl, botToken, clock });
  const backend = createNativeBackend({ exchange, slackApiUrl, botToken, clock });
  const findTeam = createTeamFinder({ client, logger });
  const background = createBackground({ logger });
  const instanceId = createReference();
  const intervalMs = 0;
  return {
    clock,
    database,
    findTeam,
    createPages: () => createPages({ backend, clock, perMinute }),
    sync: createSync({
      database,
      backend,
      clock,
      background,
      logger,
      perMinute,
      intervalMs,
      instanceId,
      findTeam,
    }),
    async close() {
      await exchange.close();
      await backend.close();
    },
  };
}

type Parts = ReturnType<typeof createParts>;

async function sweep({ sync, clock }: Parts, perMinute: number): Promise<void> {
  const beganAt = clock.now();
  const line = createProgressLine();
  const stop = () => sync.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const result = await sync.run((sweep) => line.show(`${toCounts(sweep)}${toTimeLeft(sweep, perMinute)}`));
  line.clear();
  const took = toDuration(clock.now() - beganAt);
  if (result.kind === 'done') process.stdout.write(`Sync done: ${toCounts(result.sweep)}, ${took}.\n`);
  else fail(toFault(result));
}

function toFault(result: Exclude<SyncResult, { kind: 'done' }>): string {
  switch (result.kind) {
    case 'failed':
      return `The sync stopped at ${result.error} after ${toCounts(result.sweep)}. Nothing was changed but what had been read; the next sync mends the rest.`;
    case 'busy':
      return `The app is at it already: ${toCounts(result.sweep)} so far.`;
    case 'stopped':
      return 'Stopped. The sync goes on from its place the next time.';
    case 'no_team':
      return `Slack did not say whose token SLACK_BOT_TOKEN is (${result.error}): check it.`;
  }
}

async function showDrift(teamId: string, format: Format, parts: Parts): Promise<void> {
  const line = createProgressLine();
  const pages = parts.createPages();
  // What is found is printed as it is found, and no faster than it is read: there may be more of it than memory.
  const found = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const running = dryRun(teamId, {
    ...parts,
    pages,
    onDrift: async (drifts) => {
      if (!found.destroyed && !found.write(drifts))
        await Promise.race([once(found, 'drain'), once(found, 'close')]);
    },
    onProgress: (progress) => line.show(toCounts(progress)),
  }).finally(() => found.end());
  try {
    await print(printRecords(toRecords(found), { format, columns: DRIFT_COLUMNS }));
  } finally {
    // Nobody reads on: what is still under way need not be.
    pages.stop();
    found.destroy();
  }
  const summary = await running;
  line.clear();
  if (summary.error === undefined)
    process.stderr.write(`Dry run: ${toCounts(summary)}. Nothing was changed.\n`);
  else fail(`The dry run stopped at ${summary.error} after ${toCounts(summary)}.`);
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

/** Reckoned from how many users there were the last time, and how many pages Slack gives a minute. */
function toTimeLeft({ users, lastUsers }: Sweep, perMinute: number): string {
  if (lastUsers === undefined) return '';
  const pagesLeft = Math.max(0, Math.ceil((lastUsers - users) / PAGE_SIZE));
  return `, about ${toDuration((pagesLeft / perMinute) * 60_000)} left`;
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
