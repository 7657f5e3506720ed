import type { ApiCall } from '../../sandbox/types';
import { type Harness, startHarness, transports } from '../support/harness';
import { install } from '../support/oauth';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const GRANTED = { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND] };
const SECOND = { teamId: 'T0SECOND' };
const BUTTON = {
  type: 'actions' as const,
  elements: [
    { type: 'button' as const, action_id: 'theirs', text: { type: 'plain_text' as const, text: 'Theirs' } },
  ],
};

const tokenOf = ({ args, headers }: ApiCall) => args.token ?? headers.authorization?.replace('Bearer ', '');
const tokensOf = ({ slack }: Harness, method: string) => slack.callsTo(method).map(tokenOf);

describe.each(transports)('listeners that somebody adds to the Bolt app, by %s', (transport) => {
  let harness: Harness;
  const start = async (options: Parameters<typeof startHarness>[1] = {}) => {
    harness = await startHarness({}, { transport, ...options });
    return harness;
  };
  afterEach(() => harness.close());

  it('answer a command and a press, and call Slack with the app’s token', async () => {
    const { app, slack, ben } = await start();
    app.bolt.command('/other', async ({ ack, say }) => {
      await ack({ text: 'Theirs was heard.', blocks: [BUTTON] });
      await say('Said to all.');
    });
    app.bolt.action('theirs', async ({ ack, client, body }) => {
      await ack();
      await client.chat.postMessage({ channel: body.user.id, text: 'It was pressed.' });
    });

    expect(await ben.runCommand('/other')).toMatchObject({ status: 200 });
    await harness.settled();
    expect(await ben.press('Theirs')).toMatchObject({ status: 200 });
    // Nobody waits for what a listener does after its acknowledgement.
    await until(() => ben.lastMessage()?.text === 'It was pressed.');
    expect(ben.messages().map(({ text }) => text)).toEqual([
      'Theirs was heard.',
      'Said to all.',
      'It was pressed.',
    ]);
    expect(tokensOf(harness, 'chat.postMessage')).toEqual([slack.botToken, slack.botToken]);

    // Ours beside them.
    await ben.runCommand('/permissions', `request ${REMIND}`);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('call Slack with the token of the workspace, where several have installed the app', async () => {
    const { app, slack, ada, ben } = await start({ oauth: true, sandbox: { isInstalled: false } });
    await install(harness, ada);
    await install(harness, ada, SECOND);
    app.bolt.command('/other', async ({ ack, client, command }) => {
      await client.chat.postMessage({ channel: command.user_id, text: 'Theirs' });
      await ack();
    });
    await slack.as('U0BEN', SECOND).runCommand('/other');
    await ben.runCommand('/other');
    const issuedTo = (teamId: string) => slack.botTokens().find((token) => token.teamId === teamId)?.value;
    const calls = slack.callsTo('chat.postMessage').filter(({ args }) => args.text === 'Theirs');
    expect(calls.map(tokenOf)).toEqual([issuedTo('T0SECOND'), issuedTo('T0SANDBOX')]);
  });

  it('hear an event beside ours', async () => {
    const { app, slack, ben } = await start();
    const opened: string[] = [];
    app.bolt.event('app_home_opened', async ({ event }) => void opened.push(event.user));
    await ben.openHome();
    await harness.settled();
    expect(opened).toEqual(['U0BEN']);
    expect(ben.home()?.texts.join()).toContain('You have granted nothing yet.');
    expect(tokensOf(harness, 'views.publish')).toEqual([slack.botToken]);
  });

  it('hear messages, but not the app’s own: its answer would bring the next', async () => {
    const { app, slack, ben } = await start();
    app.bolt.message(async ({ say }) => void (await say('Theirs')));
    const message = { type: 'message', channel: 'D0BEN', channel_type: 'im', ts: '1.2' };
    await slack.sendEvent({ ...message, user: ben.id, text: 'hello' });
    const bot = slack.users.find(({ isBot }) => isBot)?.id;
    await slack.sendEvent({ ...message, user: bot, bot_id: 'B0BOT', text: 'Theirs' });
    expect(slack.callsTo('chat.postMessage').map(({ args }) => args.text)).toEqual(['Theirs']);
  });

  it('tell the user where one of them throws, under a reference that the operator finds in the log', async () => {
    const { app, ben } = await start();
    app.bolt.command('/other', async () => {
      throw new Error('theirs is broken');
    });
    app.bolt.action('theirs', async ({ ack }) => {
      await ack();
      throw new Error('theirs is broken, too');
    });
    app.bolt.command('/button', async ({ ack }) => ack({ text: 'A question', blocks: [BUTTON] }));

    expect(await ben.runCommand('/other')).toMatchObject({ status: 200, responseBody: '' });
    await ben.runCommand('/button');
    expect(await ben.press('Theirs')).toMatchObject({ status: 200 });
    await harness.settled();
    const failures = harness.lines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'listener failed');
    expect(failures.map(({ err }) => err.message)).toEqual(['theirs is broken', 'theirs is broken, too']);
    const told = ben.messages().filter(({ text }) => text.includes('went wrong on our side'));
    expect(told.map(({ text }) => text)).toEqual(
      failures.map(({ reference }) => expect.stringContaining(reference)),
    );

    await ben.runCommand('/permissions', `request ${REMIND}`);
    expect(ben.prompt()?.scopes).toEqual([REMIND]);
  });

  it('lose nothing of ours where one of them throws: it is recorded once, and Slack sends the event again', async () => {
    const { app, slack, clock, ben } = await start();
    let times = 0;
    app.bolt.event('user_resource_granted', async () => {
      times += 1;
      if (times === 1) throw new Error('theirs is broken');
    });
    const sent = slack.sendEvent(GRANTED);
    await until(() => harness.lines.some((line) => line.includes('slack will retry it')));
    expect(await harness.events()).toEqual([`granted ${REMIND}`]);
    await clock.advance(10_000);
    expect(await sent).toMatchObject({ status: 200, attempt: 2 });
    await harness.settled();
    expect(times).toBe(2);
    expect(await harness.events()).toEqual([`granted ${REMIND}`]);
    expect(ben.messages().map(({ text }) => text)).toEqual([expect.stringContaining('Noted: you granted')]);
  });
});
