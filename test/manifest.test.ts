import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { toManifest } from '../cli/manifest';
import { ids } from '../listeners/blocks/ids';
import manifest from '../manifest.json';
import { startSandbox } from '../sandbox/sandbox';
import { isOffered } from '../services/config/catalog';
import { INSTALL_PATH, loadConfig, REDIRECT_PATH } from '../services/config/config';
import { toOAuthScope } from '../services/oauth/scope-names';
import { createTestDatabase } from './support/databases';
import { listeningPort, startCommand } from './support/program';
import schema from './support/slack-manifest.schema.json';
import { until } from './support/until';

const EVENTS_OF_TODAY = [
  'app_home_opened',
  'app_uninstalled',
  'team_access_granted',
  'team_access_revoked',
  'tokens_revoked',
];
/** Real Slack refuses a manifest that names these: it retired them with the Permissions API. */
const RETIRED_EVENTS = [
  'scope_denied',
  'scope_granted',
  'user_resource_denied',
  'user_resource_granted',
  'user_resource_removed',
];
const root = join(__dirname, '..');

const isValid = new Ajv({ strict: false, allErrors: true, logger: false }).compile(schema);
const faultsOf = (document: unknown) => (isValid(document) ? [] : isValid.errors);

describe('manifest.json', () => {
  it('is valid by Slack’s own schema, in every form', () => {
    expect(faultsOf(manifest)).toEqual([]);
    for (const socket of [false, true])
      for (const native of [false, true])
        expect(faultsOf(toManifest({ url: 'https://a.example', socket, native }))).toEqual([]);
    expect(faultsOf({ ...manifest, settings: { socket_mode: true } })).not.toEqual([]);
  });

  it('names the command and the shortcut that the app listens to', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual([ids.command]);
    expect(manifest.features.shortcuts.map(({ callback_id }) => callback_id)).toEqual([ids.shortcut]);
  });

  it('subscribes to the events that the app listens to, but for those that Slack has retired', () => {
    const table = readFileSync(join(root, 'listeners/index.ts'), 'utf8');
    const registered = [...table.matchAll(/ (\w+): create\w+Listener\(dependencies/g)].map(
      ([, name]) => name,
    );
    expect(registered.sort()).toEqual([...EVENTS_OF_TODAY, ...RETIRED_EVENTS].sort());
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(EVENTS_OF_TODAY);
  });

  it('asks for the scopes that the app’s calls need, and no others', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual(['chat:write', 'commands', 'users:read']);
  });

  it('offers what the catalog asks users for over OAuth, each optional, under the names of today', () => {
    const { catalog } = loadConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'secret' });
    const offered = catalog.entries.filter((entry) => isOffered(entry, 'oauth'));
    const scopes = offered.map(({ scope }) => toOAuthScope(scope));
    expect(manifest.oauth_config.scopes.user).toEqual(scopes);
    expect(manifest.oauth_config.scopes.user_optional).toEqual(scopes);
  });

  it('has the addresses that the app serves', () => {
    const addresses = JSON.stringify(manifest).match(/https:[^"]+/g) ?? [];
    expect(new Set(addresses.map((address) => new URL(address).pathname))).toEqual(
      new Set(['/slack/events', REDIRECT_PATH]),
    );
    expect(INSTALL_PATH).toBe('/slack/install');
  });
});

describe('scopekeeper manifest', () => {
  it('prints manifest.json as it is, without options', () => {
    expect(toManifest({})).toEqual(manifest);
  });

  it('puts in the address that it is given', () => {
    const text = JSON.stringify(toManifest({ url: 'https://keeper.acme.test/slack-app' }));
    expect(text).toContain('"https://keeper.acme.test/slack-app/slack/events"');
    expect(text).toContain('"https://keeper.acme.test/slack-app/slack/oauth_redirect"');
    expect(text).not.toContain('example.com');
  });

  it('needs no address of Slack’s for Socket Mode, only that of browsers', () => {
    const printed = toManifest({ socket: true });
    expect(printed.settings.socket_mode_enabled).toBe(true);
    expect(JSON.stringify(printed)).not.toContain('/slack/events');
    expect(printed.oauth_config.redirect_urls).toHaveLength(1);
  });

  it('adds the retired events for a workspace that still has them', () => {
    expect(toManifest({ native: true }).settings.event_subscriptions.bot_events).toEqual([
      ...EVENTS_OF_TODAY,
      ...RETIRED_EVENTS,
    ]);
  });
});

describe('.slack/hooks.json', () => {
  const { hooks } = JSON.parse(readFileSync(join(root, '.slack/hooks.json'), 'utf8'));

  it('finds the hooks of Slack’s command line', () => {
    const printed = JSON.parse(
      execFileSync('sh', ['-c', hooks['get-hooks']], { cwd: root, encoding: 'utf8' }),
    );
    expect(Object.keys(printed.hooks)).toEqual(expect.arrayContaining(['get-manifest', 'start']));
  });

  it('gives it a manifest for Socket Mode, and the app to start', () => {
    const command = hooks['get-manifest'].replace(
      'npm run --silent manifest --',
      'node dist/cli.js manifest',
    );
    // As Slack's command line calls it: github.com/slackapi/slack-cli, internal/hooks/shell.go
    const called = `${command} --source="/home/ada/my apps/scopekeeper"`;
    const printed = JSON.parse(execFileSync('sh', ['-c', called], { cwd: root, encoding: 'utf8' }));
    expect(printed).toEqual(JSON.parse(JSON.stringify(toManifest({ socket: true }))));
    const { main, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(main).toBe('dist/app.js');
    expect(scripts.manifest).toContain('node dist/cli.js manifest');
  });

  it('starts an app that has nothing but the two tokens of `slack run`: it answers, and says what is missing', async () => {
    const slack = await startSandbox({ isRetired: true });
    const database = await createTestDatabase('sqlite');
    const command = hooks.start.replace('npm run --silent build && ', '');
    const { child, ended } = startCommand('sh', ['-c', command], {
      cwd: root,
      environment: {
        SLACK_CLI_XAPP: slack.appToken,
        SLACK_CLI_XOXB: slack.botToken,
        SLACK_APP_TOKEN: slack.appToken,
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_API_URL: slack.apiUrl,
        DATABASE_URL: database.url,
        PORT: '0',
      },
    });
    await listeningPort(child);
    const ben = slack.as('U0BEN');
    await ben.runCommand('/permissions', 'request dnd:write:user');
    await until(() => ben.lastMessage() !== undefined);
    expect(ben.lastMessage()?.plain).toMatch(/An admin has to act/);
    child.kill('SIGTERM');
    const { stdout } = await ended;
    expect(stdout).toMatch(/cannot be requested yet.*/);
    expect(stdout).toMatch(/SLACK_CLIENT_ID is missing/);
    await slack.close();
    await database.destroy();
  });
});
