import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startSandbox } from '../sandbox';
import type { Sandbox } from '../types';
import { type AppProcess, type Environment, findMissingBuild, startApp } from './app-process';
import type { Backend } from './options';
import { findFreePort } from './ports';

export interface Stage {
  sandbox: Sandbox;
  app: AppProcess;
  appUrl: string;
  databasePath: string;
  /** What the app runs with, and what its command line needs to read the same record. */
  environment: Environment;
  /** Ends both, the app first, and clears up. */
  close(): Promise<void>;
}

interface StageOptions {
  port: number;
  /** Undefined: a temporary file. */
  database: string | undefined;
  requestTtlMinutes: string;
  backend: Backend;
  socket: boolean;
  /** Only what a process needs to run at all is taken from it, and SCOPE_CATALOG. */
  environment: Environment;
  onAppLine(line: string): void;
}

/** From here on up, so that the app's port and the sandbox's do not meet. */
const APP_PORT_OFFSET = 1_000;

/** The workspace and the real app, pointed at each other. Throws an Error that says in a sentence what is in the way. */
export async function openStage({ database, environment, ...options }: StageOptions): Promise<Stage> {
  const missing = findMissingBuild();
  if (missing) throw new Error(missing);
  const port = await getFreePort(options.port);
  const appPort = await getFreePort(Math.min(port + APP_PORT_OFFSET, 65_000));

  const sandbox = await startSandbox({ port, isRetired: options.backend === 'oauth' });
  const folder = await mkdtemp(join(tmpdir(), 'scopekeeper-sandbox-'));
  const databasePath = database === undefined ? join(folder, 'scopekeeper.db') : resolve(database);
  const appUrl = `http://127.0.0.1:${appPort}`;
  if (!options.socket) sandbox.setRequestUrl(`${appUrl}/slack/events`);
  sandbox.setRedirectUrl(`${appUrl}/slack/oauth_redirect`);
  const appEnvironment: Environment = {
    PATH: environment.PATH,
    SystemRoot: environment.SystemRoot,
    TZ: environment.TZ,
    SLACK_BOT_TOKEN: sandbox.botToken,
    SLACK_SIGNING_SECRET: options.socket ? '' : sandbox.signingSecret,
    SLACK_APP_TOKEN: options.socket ? sandbox.appToken : '',
    SLACK_API_URL: sandbox.apiUrl,
    SLACK_CLIENT_ID: sandbox.clientId,
    SLACK_CLIENT_SECRET: sandbox.clientSecret,
    // A database that stays needs a key that stays.
    TOKEN_ENCRYPTION_KEY: environment.TOKEN_ENCRYPTION_KEY ?? randomBytes(32).toString('base64'),
    PUBLIC_URL: appUrl,
    PERMISSIONS_BACKEND: options.backend === 'auto' ? '' : options.backend,
    DATABASE_URL: pathToFileURL(databasePath).href,
    // Set, though empty: a real app's `.env` must not reach into the sandbox.
    ADMIN_USER_IDS: '',
    SCOPE_CATALOG: environment.SCOPE_CATALOG ?? '',
    REQUEST_TTL_MINUTES: options.requestTtlMinutes,
    LOG_LEVEL: 'info',
  };
  const clearUp = async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const app = await startApp({ port: appPort, environment: appEnvironment, onLine: options.onAppLine });
    if (options.socket) await connected(sandbox, app);
    const close = async () => {
      await app.stop();
      await clearUp();
    };
    return { sandbox, app, appUrl, databasePath, environment: appEnvironment, close };
  } catch (error) {
    await clearUp();
    throw error;
  }
}

/** The app serves pages before it has its socket. */
async function connected(sandbox: Sandbox, app: AppProcess): Promise<void> {
  let isEnded = false;
  void app.ended.then(() => {
    isEnded = true;
  });
  while (sandbox.sockets.count() === 0 && !isEnded) await sleep(20);
}

async function getFreePort(start: number): Promise<number> {
  const port = await findFreePort(start);
  if (port === undefined) {
    throw new Error(`Every port from ${start} to ${start + 49} is taken: choose another with --port.`);
  }
  return port;
}
