import { type Harness, startHarness, transports } from '../support/harness';
import { ask, install } from '../support/oauth';
import { HIDDEN, startProxy } from '../support/proxy';
import { until } from '../support/until';

describe.each(transports)('behind a proxy, by %s', (transport) => {
  let harness: Harness;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  beforeEach(async () => {
    proxy = await startProxy();
  });
  afterEach(async () => {
    await harness.close();
    proxy.close();
  });

  it('every call takes it: the exchange, answers and messages, the socket', async () => {
    harness = await startHarness({ HTTP_PROXY: proxy.url }, { oauth: true, transport });
    const { slack, ben } = harness;
    await harness.app.stop();
    harness.environment.SLACK_API_URL = slack.apiUrl.replace('127.0.0.1', HIDDEN);
    await harness.start();
    await ask(harness, ben, 'dnd:write:user');
    await until(() => ben.surface() !== undefined);
    await ben.runCommand('/permissions', 'status');
    await until(() => ben.lastMessage() !== undefined);
    await ben.openHome();
    await until(() => ben.home() !== undefined);
    const { port } = new URL(slack.apiUrl);
    expect([...proxy.targets].sort()).toEqual([`127.0.0.1:${port}`, `${HIDDEN}:${port}`]);
  });

  it('an installation takes it', async () => {
    harness = await startHarness(
      { HTTP_PROXY: proxy.url },
      { oauth: true, transport, sandbox: { isInstalled: false } },
    );
    proxy.targets.clear();
    const page = await install(harness, harness.ada);
    expect(page.text).toMatch(/installed/);
    expect([...proxy.targets]).toEqual([new URL(harness.slack.apiUrl).host]);
  });

  it('a host of NO_PROXY is reached without it', async () => {
    harness = await startHarness(
      { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1,localhost' },
      { oauth: true, transport },
    );
    await ask(harness, harness.ben, 'dnd:write:user');
    await until(() => harness.ben.surface() !== undefined);
    expect([...proxy.targets]).toEqual([]);
  });
});
