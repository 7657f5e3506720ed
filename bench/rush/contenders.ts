import { join } from 'node:path';
import type { Sandbox } from '@scopekeeper/slack-sandbox';
import { App, LogLevel } from '@slack/bolt';
import { type Clock, startAppHere } from '../app';

/** An app that listens; what it is called by. */
export interface Contender {
  requestUrl: string;
  stop(): Promise<void>;
}

export type Start = (slack: Sandbox, clock: Clock, folder: string) => Promise<Contender>;

/** The app, on a SQLite file, with a clock that is moved by hand. */
export const startProduct: Start = async (slack, clock, folder) => {
  const environment = {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    PORT: '0',
    PERMISSIONS_BACKEND: 'native',
    SYNC_INTERVAL_MINUTES: '0',
    DATABASE_URL: `file:${join(folder, 'scopekeeper.db')}`,
  };
  const app = await startAppHere(environment, clock);
  return { requestUrl: toUrl(app.port), stop: app.stop };
};

/**
 * A Bolt app as its documentation writes it. Its client repeats what was rate limited by timers of its own, which are
 * the process's: they are made to follow the clock.
 */
export const startPlainBolt: Start = async (slack, clock) => {
  replaceTimers(clock);
  const app = new App({
    token: slack.botToken,
    signingSecret: slack.signingSecret,
    clientOptions: { slackApiUrl: slack.apiUrl },
    // It has hundreds of errors to tell.
    logger: { ...silent, getLevel: () => LogLevel.ERROR, setLevel() {}, setName() {} },
  });
  app.command('/permissions', async ({ command, ack, context }) => {
    await ack();
    // The listener's own `client` would add a `team_id`, which this method refuses.
    await app.client.apiCall('apps.permissions.users.request', {
      ...(context.botToken !== undefined && { token: context.botToken }),
      scopes: command.text.replace('request ', ''),
      trigger_id: command.trigger_id,
      user: command.user_id,
    });
  });
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    requestUrl: toUrl(port),
    async stop() {
      await app.stop();
    },
  };
};

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const toUrl = (port: number) => `http://127.0.0.1:${port}/slack/events`;

/** Only where nothing else of this process goes by the system's time. */
function replaceTimers(clock: Clock): void {
  const cancel = Symbol('cancel');
  const clearTimer = globalThis.clearTimeout;

  function setTimer(run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): object {
    let timer = clock.setTimeout(() => run(...args), delayMs);
    const handle = {
      [cancel]: () => timer.cancel(),
      ref: () => handle,
      unref: () => handle,
      hasRef: () => false,
      refresh() {
        timer.cancel();
        timer = clock.setTimeout(() => run(...args), delayMs);
        return handle;
      },
    };
    return handle;
  }

  function clear(handle: unknown): void {
    const stop: unknown =
      typeof handle === 'object' && handle !== null ? Reflect.get(handle, cancel) : undefined;
    if (typeof stop === 'function') stop();
    else if (typeof handle === 'object' || typeof handle === 'number')
      Reflect.apply(clearTimer, undefined, [handle]);
  }

  Reflect.set(globalThis, 'setTimeout', setTimer);
  Reflect.set(globalThis, 'clearTimeout', clear);
  Reflect.set(Date, 'now', clock.now);
}
