import { join } from 'node:path';
import { type RunningApp, startApp } from '../../app';
import { startSandbox } from '../../sandbox/sandbox';
import type { Person, Sandbox, SandboxOptions } from '../../sandbox/types';
import { loadConfig, REDIRECT_PATH, toSecrets } from '../../services/config/config';
import { type Database, openDatabase } from '../../services/database/database';
import { createGrants } from '../../services/grants/grants';
import { toGrantRecord, toLogRecord } from '../../services/grants/log/print';
import { systemClock } from '../../services/runtime/clock';
import { createLogger } from '../../services/runtime/logger';
import { createTestDatabase, type TestDatabase, type TestDatabaseKind } from './databases';
import { createTestClock, type TestClock } from './test-clock';

/** The two ways from Slack to the app. */
export const transports = ['http', 'socket'] as const;
export type Transport = (typeof transports)[number];

/** The real app and the sandbox, joined by signed HTTP or by a socket, on one clock that the test moves. */
export interface Harness {
  slack: Sandbox;
  app: RunningApp;
  clock: TestClock;
  ada: Person;
  ben: Person;
  cleo: Person;
  database: TestDatabase;
  /** What a restart reads anew. */
  environment: Record<string, string>;
  /** The app's own log, as written. */
  lines: string[];
  /** The grant log, oldest first, as the command line prints it. */
  log(): Promise<ReturnType<typeof toLogRecord>[]>;
  /** The grant log in short: `event scope,scope`. */
  events(): Promise<string[]>;
  grants(): Promise<ReturnType<typeof toGrantRecord>[]>;
  /** Nothing is under way: neither at Slack nor in the app. */
  settled(): Promise<void>;
  /** Starts the app again on the same database, after `app.stop()`. */
  start(): Promise<void>;
  /** After a night, if it is said how long. Nothing runs meanwhile, which is quick. */
  restart(nightMs?: number): Promise<void>;
  /** A second instance on the same database. Slack sends to the one that was started last; the test stops it. */
  startAnother(): Promise<RunningApp>;
  /** A post straight to the app, past the sandbox. */
  url(path: string): string;
  close(): Promise<void>;
}

interface HarnessOptions {
  database?: TestDatabaseKind;
  /** Today's Slack, where permissions are asked for over OAuth. */
  oauth?: boolean;
  /** Default: signed HTTP. */
  transport?: Transport;
  sandbox?: SandboxOptions;
  /** The app's, and Slack's too unless `sandbox` gives it another. */
  clock?: TestClock;
}

/** Every scope may be asked for by either backend here, so that one journey runs on both. */
export const TEST_CATALOG = join(__dirname, 'scopes.json');

export const TEST_KEY = Buffer.alloc(32, 'k').toString('base64');

/** The app collects for longer, while nobody waits: here each test does. */
const COLLECT_MS = 1;

const open = new Set<Harness>();

/** What a test has left open that failed before its end. */
afterAll(async () => {
  for (const harness of open) await harness.close();
});

export async function startHarness(
  overrides: Record<string, string> = {},
  {
    database: kind = 'sqlite',
    oauth = false,
    transport = 'http',
    sandbox = {},
    // On a whole second, as Slack's signed timestamps are: what is left of a trigger can be reckoned.
    clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000),
  }: HarnessOptions = {},
): Promise<Harness> {
  const slack = await startSandbox({ clock, isRetired: oauth, ...sandbox });
  const database = await createTestDatabase(kind);
  const environment = {
    ...(sandbox.isInstalled === false ? {} : { SLACK_BOT_TOKEN: slack.botToken }),
    ...(transport === 'http'
      ? { SLACK_SIGNING_SECRET: slack.signingSecret }
      : { SLACK_APP_TOKEN: slack.appToken }),
    SLACK_API_URL: slack.apiUrl,
    PORT: '0',
    // The sync has tests of its own; elsewhere Slack's events alone are to be seen.
    SYNC_INTERVAL_MINUTES: '0',
    // So does the choice of the backend.
    PERMISSIONS_BACKEND: oauth ? 'oauth' : 'native',
    ...(oauth && {
      SLACK_CLIENT_ID: slack.clientId,
      SLACK_CLIENT_SECRET: slack.clientSecret,
      TOKEN_ENCRYPTION_KEY: TEST_KEY,
    }),
    DATABASE_URL: database.url,
    SCOPE_CATALOG: TEST_CATALOG,
    ...overrides,
  };
  const lines: string[] = [];
  let config = loadConfig(environment);
  const logger = createLogger({
    level: 'trace',
    secrets: toSecrets(config),
    destination: { write: (line) => void lines.push(line) },
  });

  async function start(): Promise<RunningApp> {
    config = loadConfig(environment);
    const app = await startApp({ config, logger, clock, collectMs: COLLECT_MS });
    slack.setRequestUrl(`http://127.0.0.1:${app.port}/slack/events`);
    slack.setRedirectUrl(`http://127.0.0.1:${app.port}${REDIRECT_PATH}`);
    await app.settled();
    return app;
  }

  let reader: Promise<Database> | undefined;

  /** Opened when a test first reads: connections of its own, as the command line has. */
  async function openReader() {
    reader ??= openDatabase({ config: database.config, clock: systemClock, mustExist: true });
    return createGrants({ database: await reader });
  }

  const harness: Harness = {
    slack,
    app: await start(),
    clock,
    ada: slack.as('U0ADA'),
    ben: slack.as('U0BEN'),
    cleo: slack.as('U0CLEO'),
    database,
    environment,
    lines,
    async log() {
      const grants = await openReader();
      const page = await grants.listLog({ filter: {}, order: 'asc', limit: 10_000 });
      return page.items.map(toLogRecord);
    },
    async events() {
      const entries = await harness.log();
      return entries.map(({ event, scopes }) =>
        `${event} ${Array.isArray(scopes) ? scopes.join(',') : ''}`.trim(),
      );
    },
    async grants() {
      const grants = await openReader();
      return (await grants.listGrants({})).map(toGrantRecord);
    },
    async settled() {
      await slack.settled();
      await harness.app.settled();
      await slack.settled();
      await harness.app.settled();
    },
    async start() {
      harness.app = await start();
    },
    async restart(nightMs = 0) {
      await harness.app.stop();
      await clock.advance(nightMs);
      await harness.start();
    },
    startAnother: start,
    url: (path) => `http://127.0.0.1:${harness.app.port}${path}`,
    async close() {
      if (!open.delete(harness)) return;
      await harness.settled();
      await harness.app.stop();
      await slack.close();
      await (await reader)?.close();
      await database.destroy();
    },
  };
  open.add(harness);
  return harness;
}
