import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, LogLevel } from '@slack/bolt';
import { type Sandbox, startSandbox } from '../sandbox';
import manifest from './support/manifest.json';
import { until } from './support/until';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const BUTTON = {
  type: 'actions' as const,
  elements: [{ type: 'button' as const, action_id: 'go', text: plain('Go') }],
};
const MODAL = {
  type: 'modal' as const,
  callback_id: 'form',
  notify_on_close: true,
  title: plain('Form'),
  submit: plain('Send'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: plain('Why'),
      element: { type: 'plain_text_input' as const, action_id: 'reason' },
    },
  ],
};

let sandbox: Sandbox;
let app: App;
/** What reached a listener of Bolt, in its own words. */
let reached: string[];

beforeEach(async () => {
  sandbox = await startSandbox({ manifest });
  reached = [];
  app = new App({
    token: sandbox.botToken,
    signingSecret: sandbox.signingSecret,
    clientOptions: { slackApiUrl: sandbox.apiUrl },
    logLevel: LogLevel.ERROR,
  });
  app.command('/permissions', async ({ ack, command, respond, client }) => {
    reached.push(`command ${command.text} by ${command.user_name}`);
    await ack();
    if (command.text === 'modal') await client.views.open({ trigger_id: command.trigger_id, view: MODAL });
    else if (command.text === 'dialog') {
      const elements = [{ type: 'text' as const, label: 'Why', name: 'why' }];
      const dialog = { callback_id: 'old', title: 'Old', elements, notify_on_cancel: true };
      await client.dialog.open({ trigger_id: command.trigger_id, dialog });
    } else await respond({ text: 'Press', blocks: [BUTTON] });
  });
  app.action('go', async ({ ack, body, respond }) => {
    reached.push(`action by ${body.user.id}`);
    await ack();
    await respond({ text: 'Pressed', replace_original: true });
  });
  app.view('form', async ({ ack, view }) => {
    reached.push(`view ${view.state.values.why?.reason?.value}`);
    await ack({ response_action: 'errors', errors: { why: 'No.' } });
  });
  app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack }) => {
    reached.push('view closed');
    await ack();
  });
  app.action({ callback_id: 'old', type: 'dialog_submission' }, async ({ ack, payload }) => {
    reached.push(`dialog ${JSON.stringify((payload as { submission?: unknown }).submission)}`);
    await ack();
  });
  app.shortcut('request_permissions', async ({ ack, shortcut }) => {
    reached.push(`shortcut ${shortcut.callback_id}`);
    await ack();
  });
  app.event('app_uninstalled', async () => {
    reached.push('uninstalled');
  });
  app.event(/user_resource_.*/, async ({ event }) => {
    reached.push(event.type);
  });
  const server = (await app.start({ port: 0, host: '127.0.0.1' })) as Server;
  sandbox.setRequestUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`);
});

afterEach(async () => {
  await app.stop();
  await sandbox.close();
});

const ben = () => sandbox.as('U0BEN');

test('a command, its response_url and a press', async () => {
  expect(await ben().runCommand('/permissions', 'hello')).toMatchObject({ status: 200 });
  await until(() => ben().messages().length > 0);
  expect(await ben().press('Go')).toMatchObject({ status: 200 });
  await until(() => ben().lastMessage()?.text === 'Pressed');

  expect(reached).toEqual(['command hello by ben', 'action by U0BEN']);
  expect(ben().messages()).toHaveLength(1);
});

test('a modal, its submission and its closing', async () => {
  await ben().runCommand('/permissions', 'modal');
  await until(() => ben().surface() !== undefined);
  ben().type('Why', 'because');

  await ben().submit();
  expect(ben().surface()?.errors).toEqual({ why: 'No.' });
  expect(await ben().cancel()).toMatchObject({ status: 200 });

  expect(reached.slice(1)).toEqual(['view because', 'view closed']);
});

test('a legacy dialog', async () => {
  await ben().runCommand('/permissions', 'dialog');
  await until(() => ben().surface() !== undefined);
  ben().type('Why', 'because');

  await ben().submit();

  expect(reached.slice(1)).toEqual(['dialog {"why":"because"}']);
  expect(ben().surface()).toBeUndefined();
});

test('a shortcut and events', async () => {
  await ben().runShortcut('request_permissions');
  await sandbox.sendEvent({ type: 'user_resource_granted', user: 'U0BEN', scopes: [], trigger_id: '1.2.3' });
  await sandbox.sendEvent({ type: 'app_uninstalled' });
  await until(() => reached.length === 3);

  expect(reached).toEqual(['shortcut request_permissions', 'user_resource_granted', 'uninstalled']);
});

test('a command that is too old is refused by Bolt', async () => {
  const timestamp = Math.floor(Date.now() / 1000) - 301;

  expect(await ben().runCommand('/permissions', 'late', { timestamp })).toMatchObject({ status: 401 });

  expect(reached).toEqual([]);
});
