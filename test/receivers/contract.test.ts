import { ReceiverMultipleAckError } from '@slack/bolt';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox';
import { PayloadError } from '../../services/runtime/errors';
import { createLogger, type Logger } from '../../services/runtime/logger';
import { createBoltApp } from '../support/bolt-app';
import { transports } from '../support/harness';
import { createTestClock, type TestClock } from '../support/test-clock';
import { until } from '../support/until';

const EVENT = { type: 'user_resource_denied', user: 'U0BEN', scopes: ['chat:write'], trigger_id: '1.2.abc' };
const VIEW = {
  type: 'modal' as const,
  callback_id: 'form',
  title: { type: 'plain_text' as const, text: 'Title' },
  submit: { type: 'plain_text' as const, text: 'Send' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'scopes',
      optional: true,
      label: { type: 'plain_text' as const, text: 'Why' },
      element: { type: 'plain_text_input' as const, action_id: 'scopes' },
    },
  ],
};

/** A promise that the test settles: a listener is under way for as long as that. */
function createDoor() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** What each of our receivers promises to whoever writes a Bolt app on it. */
describe.each(transports)('a Bolt app on our receiver by %s', (transport) => {
  let clock: TestClock;
  let sandbox: Sandbox;
  let lines: { level: string; msg: string; [field: string]: unknown }[];
  let logger: Logger;
  let app: ReturnType<typeof createBoltApp>;

  beforeEach(async () => {
    clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000);
    sandbox = await startSandbox({ clock });
    lines = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    logger = createLogger({ level: 'debug', secrets: [], destination });
    app = createBoltApp(sandbox, { transport, clock, logger });
  });
  afterEach(async () => {
    await app.stop();
    await sandbox.close();
  });

  const ben = () => sandbox.as('U0BEN');
  const logged = (level: string) => lines.filter((line) => line.level === level).map(({ msg }) => msg);

  it('answers a command with a message, with a text alone, and with nothing', async () => {
    app.command('/permissions', async ({ ack, command }) => {
      if (command.text === 'message') return ack({ text: 'a message' });
      return command.text ? ack(command.text) : ack();
    });
    await app.start();
    expect(await ben().runCommand('/permissions', 'message')).toMatchObject({ transport, status: 200 });
    expect(await ben().runCommand('/permissions', 'text')).toMatchObject({ status: 200 });
    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200, responseBody: '' });
    expect(
      ben()
        .messages()
        .map(({ text, ephemeral }) => [text, ephemeral]),
    ).toEqual([
      ['a message', true],
      ['text', true],
    ]);
  });

  it('shows the errors of a form, and closes it', async () => {
    const answers = [{ response_action: 'errors' as const, errors: { scopes: 'No.' } }, undefined];
    app.command('/permissions', async ({ ack, client, command }) => {
      await client.views.open({ trigger_id: command.trigger_id, view: VIEW });
      await ack();
    });
    app.view('form', async ({ ack }) => {
      const answer = answers.shift();
      await (answer ? ack(answer) : ack());
    });
    await app.start();
    await ben().runCommand('/permissions');
    await ben().submit();
    expect(ben().surface()?.errors).toEqual({ scopes: 'No.' });
    await ben().submit();
    expect(ben().surface()).toBeUndefined();
  });

  it('answers a gesture as soon as its listener acknowledges, while the listener goes on', async () => {
    const door = createDoor();
    app.command('/permissions', async ({ ack }) => {
      await ack('At once');
      await door.passed;
    });
    await app.start();
    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200 });
    expect(ben().lastMessage()?.text).toBe('At once');
    door.open();
  });

  it('answers a gesture that no listener acknowledges, so that no user reads that the app is dead', async () => {
    app.command('/permissions', async () => {});
    await app.start();
    expect(await ben().runCommand('/permissions')).toMatchObject({ status: 200, responseBody: '' });
    expect(await ben().runShortcut('request_permissions')).toMatchObject({ status: 200, responseBody: '' });
  });

  it('lets nobody acknowledge twice', async () => {
    const errors: unknown[] = [];
    app.command('/permissions', async ({ ack }) => {
      await ack('First');
      await ack('Second').catch((error: unknown) => errors.push(error));
    });
    await app.start();
    await ben().runCommand('/permissions');
    expect(errors).toEqual([expect.any(ReceiverMultipleAckError)]);
    expect(ben().lastMessage()?.text).toBe('First');
  });

  it('tells a listener when the gesture arrived', async () => {
    const arrivals: unknown[] = [];
    app.command('/permissions', async ({ ack, context }) => {
      arrivals.push(context.sentAt, context.arrivedAt);
      await ack();
    });
    await app.start();
    await ben().runCommand('/permissions');
    expect(arrivals).toEqual([clock.now(), clock.now()]);
  });

  it('acknowledges an event when its listener is done, and no sooner', async () => {
    const door = createDoor();
    let isReached = false;
    app.event(EVENT.type, async () => {
      isReached = true;
      await door.passed;
    });
    await app.start();
    const sent = sandbox.sendEvent(EVENT);
    await until(() => isReached);
    await clock.advance(2_999);
    expect(sandbox.deliveries).toMatchObject([{ status: undefined }]);
    door.open();
    expect(await sent).toMatchObject({ status: 200, attempt: 1 });
  });

  it('lets Slack send an event again whose listener failed, and says which attempt it is', async () => {
    const contexts: unknown[] = [];
    app.event(EVENT.type, async ({ context }) => {
      contexts.push(context.retryNum);
      if (contexts.length === 1) throw new Error('the database is locked');
    });
    await app.start();
    const sent = sandbox.sendEvent(EVENT);
    await until(() => logged('error').length === 1);
    await clock.advance(10_000);
    expect(await sent).toMatchObject({ status: 200, attempt: 2 });
    expect(contexts.at(-1)).toBe(1);
    expect(logged('error')).toEqual(['failed to record an event: slack will retry it']);
  });

  it('does not ask for an event again that cannot be read', async () => {
    let times = 0;
    app.event(EVENT.type, async () => {
      times += 1;
      throw new PayloadError('the event has no scopes');
    });
    await app.start();
    await sandbox.sendEvent(EVENT);
    await clock.advance(60 * 60_000);
    expect(times).toBe(1);
    expect(logged('error')).toEqual(['malformed payload from slack']);
  });

  it('refuses what Bolt would fail on before it reaches Bolt', async () => {
    const reached: unknown[] = [];
    app.use(async ({ body, next }) => {
      reached.push(body);
      await next();
    });
    await app.start();
    for (const event of [null, 7, [], {}, { type: 'app_uninstalled', user: null }]) {
      await sandbox.sendEvent(event as never);
    }
    expect(reached).toEqual([]);
    expect(logged('warn')).toHaveLength(5);
  });

  it('tells whoever comes while it is overloaded, in words, and hands nothing to a listener', async () => {
    let times = 0;
    await app.stop();
    app = createBoltApp(sandbox, { transport, clock, logger, most: { idle: 0, saturated: 0 } });
    app.command('/permissions', async ({ ack }) => {
      times += 1;
      await ack();
    });
    await app.start();
    await ben().runCommand('/permissions');
    await ben().runCommand('/permissions');
    expect(ben().lastMessage()).toMatchObject({
      text: expect.stringContaining('try again'),
      ephemeral: true,
    });
    expect(times).toBe(0);
    expect(logged('error')).toEqual(['overloaded: shedding requests']);
  });

  it('finishes and acknowledges what is under way when it is stopped', async () => {
    const door = createDoor();
    let isReached = false;
    app.command('/permissions', async ({ ack }) => {
      isReached = true;
      await door.passed;
      await ack('done');
    });
    await app.start();
    const sent = ben().runCommand('/permissions');
    await until(() => isReached);
    let isStopped = false;
    const stopping = app.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    door.open();
    expect(await sent).toMatchObject({ status: 200 });
    await stopping;
    expect(ben().lastMessage()?.text).toBe('done');
  });
});
