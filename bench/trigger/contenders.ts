import { join } from 'node:path';
import { request } from 'undici';
import { SIGNING_SECRET } from '../events/body';
import { type Contender, startListening, startProduct, toContender } from '../events/contender';
import { WORKSPACES } from './workspace';

const KEY = Buffer.alloc(32, 7).toString('base64');

/** In the order of the tables. `installed`: workspaces install it by OAuth, and it looks up whose token it needs. */
export const contenderNames = ['app', 'app_installed', 'plain', 'plain_installed', 'floor'] as const;
export type ContenderName = (typeof contenderNames)[number];

/** What each figure is held against: the app of one workspace, plain Bolt, and the least. */
export const mainNames: readonly ContenderName[] = ['app', 'plain', 'floor'];

export const TITLES: Readonly<Record<ContenderName, string>> = {
  app: 'Scopekeeper',
  app_installed: 'Scopekeeper, installed by OAuth',
  plain: 'plain Bolt',
  plain_installed: 'plain Bolt, installed by OAuth',
  floor: 'the floor',
};

export type Contenders = ReadonlyMap<ContenderName, Contender>;

export interface Start {
  folder: string;
  /** Where the local Slack, or what stands before it, listens. */
  slackPort: number;
  /** Part of the names of files: contenders of the same name have files of their own. */
  mark: string;
}

/** Starts those that are named, each a process of its own. What was started is put into `started` at once. */
export async function startContenders(
  names: readonly ContenderName[],
  start: Start,
  started: Map<ContenderName, Contender>,
): Promise<Contenders> {
  for (const name of names) {
    const contender = await startContender(name, start);
    // What it logs is taken from it, as by whoever keeps logs: a pipe that is full would stop it.
    contender.program.child.stdout?.removeAllListeners('data').resume();
    started.set(name, contender);
  }
  return started;
}

async function startContender(name: ContenderName, start: Start): Promise<Contender> {
  switch (name) {
    case 'app':
      return startProduct({
        ...toProductStart('one', start),
        settings: { SLACK_BOT_TOKEN: 'xoxb-bench', PERMISSIONS_BACKEND: 'native' },
      });
    case 'app_installed':
      return startInstalledProduct(start);
    case 'plain':
      return startOwn('plain-bolt', start);
    case 'plain_installed':
      return startOwn('plain-bolt-installed', start);
    case 'floor':
      return startOwn('floor', start);
  }
}

function toProductStart(file: string, { folder, slackPort, mark }: Start) {
  return { databasePath: join(folder, `${file}-${mark}.db`), slackPort };
}

/** Installed in each workspace by its own page, as somebody's browser does it. */
async function startInstalledProduct(start: Start): Promise<Contender> {
  const product = await startProduct({
    ...toProductStart('installed', start),
    settings: {
      SLACK_CLIENT_ID: '111.222',
      SLACK_CLIENT_SECRET: 'bench-client-secret',
      PUBLIC_URL: 'http://127.0.0.1:9',
      TOKEN_ENCRYPTION_KEY: KEY,
      PERMISSIONS_BACKEND: 'native',
    },
  });
  for (let number = 0; number < WORKSPACES; number += 1) await install(product.port, number);
  return product;
}

/** The local Slack takes the number of the workspace for a code. */
async function install(port: number, number: number): Promise<void> {
  const app = `http://127.0.0.1:${port}/slack`;
  const begun = await request(`${app}/install`);
  await begun.body.dump();
  const state = new URL(String(begun.headers.location)).searchParams.get('state') ?? '';
  const cookie = [begun.headers['set-cookie'] ?? []].flat().map((one) => one.split(';')[0]);
  const query = new URLSearchParams({ code: String(number), state });
  const done = await request(`${app}/oauth_redirect?${query}`, { headers: { cookie: cookie.join('; ') } });
  await done.body.dump();
  if (done.statusCode !== 200) throw new Error(`app not installed: ${done.statusCode}`);
}

async function startOwn(file: string, { folder, slackPort, mark }: Start): Promise<Contender> {
  const settings = {
    slackApiUrl: `http://127.0.0.1:${slackPort}/api/`,
    signingSecret: SIGNING_SECRET,
    folder: join(folder, `installations-${mark}`),
  };
  const { program, port } = await startListening(`trigger/contenders/${file}.js`, [JSON.stringify(settings)]);
  return toContender(program, port);
}
