import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ids } from '../listeners/blocks/ids';
import manifest from '../manifest.json';

const EVENTS_OF_TODAY = ['app_uninstalled', 'tokens_revoked'];
/** Real Slack refuses a manifest that names these: it retired them with the Permissions API. */
const RETIRED_EVENTS = [
  'scope_denied',
  'scope_granted',
  'user_resource_denied',
  'user_resource_granted',
  'user_resource_removed',
];

describe('manifest.json', () => {
  it('names the command and the shortcut that the app listens to', () => {
    expect(manifest.features.slash_commands.map(({ command }) => command)).toEqual([ids.command]);
    expect(manifest.features.shortcuts.map(({ callback_id }) => callback_id)).toEqual([ids.shortcut]);
  });

  it('subscribes to the events that the app listens to, but for those that Slack has retired', () => {
    const registered = [
      ...readFileSync(join(__dirname, '../listeners/index.ts'), 'utf8').matchAll(
        /\['(\w+)', create\w+Listener\(/g,
      ),
    ];
    expect(registered.map(([, name]) => name).sort()).toEqual([...EVENTS_OF_TODAY, ...RETIRED_EVENTS].sort());
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(EVENTS_OF_TODAY);
  });

  it('asks for the scopes that the app’s calls need, and no others', () => {
    expect(manifest.oauth_config.scopes.bot).toEqual(['chat:write', 'commands', 'users:read']);
  });

  it('has one address for everything, the one that the app serves', () => {
    const addresses = JSON.stringify(manifest).match(/https:[^"]+/g) ?? [];
    expect(new Set(addresses.map((address) => new URL(address).pathname))).toEqual(
      new Set(['/slack/events']),
    );
  });
});
