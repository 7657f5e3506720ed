import { statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/types';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { type Ended, listeningPort, runProgram, startProgram } from '../support/program';
import { until } from '../support/until';

const PASSWORD = 'open-sesame-and-close-again';

/** The test server asks for none, and takes any. */
function withPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  if (url.protocol === 'postgres:' && url.password === '') url.password = PASSWORD;
  return url.href;
}

describe.each(databases)('node dist/app.js, on %s', (kind) => {
  let slack: Sandbox;
  let database: TestDatabase;
  let environment: Record<string, string>;
  beforeEach(async () => {
    slack = await startSandbox();
    database = await createTestDatabase(kind);
    environment = {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      PERMISSIONS_BACKEND: 'native',
      PORT: '0',
      DATABASE_URL: withPassword(database.url),
    };
  });
  afterEach(async () => {
    await slack.close();
    await database.destroy();
  });

  function expectNoStart({ code, stdout, stderr }: Ended): void {
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Scopekeeper did not start\. /);
    expect(stderr).not.toContain('    at ');
  }

  it('does not start on a faulty configuration, and lists every fault', async () => {
    const ended = await runProgram('app.js', [], { PORT: 'x', LOG_LEVEL: 'y' });
    expectNoStart(ended);
    for (const name of ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'PORT', 'LOG_LEVEL'])
      expect(ended.stderr).toContain(`- ${name} `);
  });

  it('does not start on a port that is taken', async () => {
    const server = createServer().listen(0);
    const { port } = server.address() as AddressInfo;
    const ended = await runProgram('app.js', [], { ...environment, PORT: String(port) });
    server.close();
    expectNoStart(ended);
    expect(ended.stderr).toContain('set PORT to a free one');
  });

  it('does not start on a database that cannot be used', async () => {
    const url = { sqlite: 'file:/dev/null/x.db', postgres: `postgres://sk:${PASSWORD}@localhost:1/x` }[kind];
    const ended = await runProgram('app.js', [], { ...environment, DATABASE_URL: url });
    expectNoStart(ended);
    expect(ended.stderr).toContain('Set DATABASE_URL');
    expect(ended.stderr).not.toContain(PASSWORD);
  });

  it('starts from any folder, serves, and finishes what is under way when it is told to stop', async () => {
    const { child, ended } = startProgram('app.js', [], environment);
    const port = await listeningPort(child);
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toEqual({ status: 'ok' });

    slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    slack.faults.answerNext('apps.permissions.users.request', {
      delayMs: 300,
      afterEffect: true,
      body: { ok: true },
    });
    const command = slack.as('U0BEN').runCommand('/permissions', 'request reminders:write:user');
    await until(() => slack.as('U0BEN').prompt() !== undefined);
    child.kill('SIGTERM');
    expect((await command).status).toBe(200);

    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const log = await runProgram('cli.js', ['log', '--format', 'jsonl'], environment);
    expect(JSON.parse(log.stdout)).toMatchObject({ event: 'requested' });
  });

  it('takes no event while its disk is full, says why, and is unhealthy', async () => {
    if (kind === 'postgres') return;
    const path = new URL(database.url).pathname;
    // Files of this size and no larger, in blocks of 512 bytes: a disk that is nearly full.
    const blocks = 1_600;
    const { child, ended } = startProgram('app.js', [], environment, { largestFileBlocks: blocks });
    const port = await listeningPort(child);
    slack.setRequestUrl(`http://127.0.0.1:${port}/slack/events`);
    const fill = (user: string) =>
      slack.sendEvent({
        type: 'user_resource_granted',
        user,
        scopes: Array.from({ length: 200 }, (_, number) => `scope.${number}:write:${user}`),
        trigger_id: `1.${user}.b`,
      });
    let refused = 0;
    for (let number = 0; refused === 0; number += 1) {
      void fill(`U${number}`);
      await until(() => slack.deliveries[number]?.status !== undefined);
      if (slack.deliveries[number]?.status === 500) refused = number;
    }
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect(response.status).toBe(503);
    expect(statSync(path).size).toBeLessThanOrEqual(blocks * 512);
    child.kill('SIGTERM');
    const { stdout } = await ended;
    expect(stdout).toMatch(/disk I\/O error|database or disk is full/);
    expect(stdout).not.toContain('cannot rollback');
  });

  it('goes on, and tells the operator, where Slack refuses the token', async () => {
    const { child, ended } = startProgram('app.js', [], {
      ...environment,
      SLACK_BOT_TOKEN: 'xoxb-wrong-token',
    });
    await listeningPort(child);
    await until(() => slack.callsTo('auth.test').length > 0);
    child.kill('SIGTERM');
    expect((await ended).stdout).toMatch(/slack refuses SLACK_BOT_TOKEN: copy it again/);
  });

  it('never writes a token, signing secret, password, trigger_id or response_url, at any level', async () => {
    const { child, ended } = startProgram('app.js', [], { ...environment, LOG_LEVEL: 'trace' });
    slack.setRequestUrl(`http://127.0.0.1:${await listeningPort(child)}/slack/events`);
    const ben = slack.as('U0BEN');
    const ada = slack.as('U0ADA');
    slack.faults.answerNext('apps.permissions.users.request', { status: 503, text: '' });
    await ben.runCommand('/permissions', 'request reminders:write:user');
    await until(() => ben.lastMessage()?.buttons[0] === 'Continue');
    slack.faults.answerNext('response_url', { status: 500, text: '' });
    await ben.press('Continue');
    await ben.allow();
    await ben.runCommand('/permissions');
    await ben.runCommand('/permissions', 'form');
    await ben.cancel();
    await ben.runShortcut('request_permissions');
    await ada.runCommand('/permissions', 'log');
    await slack.takeBack('U0BEN');
    slack.faults.answerNext('chat.postMessage', { reset: true });
    slack.faults.answerNext('apps.permissions.users.request', { body: { ok: false, error: slack.botToken } });
    await ada.runCommand('/permissions', 'request dnd:write:user');
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;

    const written = stdout + stderr;
    expect(written.split('\n').length).toBeGreaterThan(8);
    const bodies = slack.deliveries.map((delivery) => JSON.stringify(delivery.payload)).join('\n');
    const triggers = [...bodies.matchAll(/"trigger_id":"([^"]+)"/g)].map(([, id]) => id!);
    const responseUrls = [...bodies.matchAll(/"response_url":"([^"]+)"/g)].map(([, url]) => url!);
    expect(triggers.length).toBeGreaterThan(5);
    expect(responseUrls.length).toBeGreaterThan(3);
    for (const secret of [slack.botToken, slack.signingSecret, PASSWORD, ...triggers, ...responseUrls]) {
      expect(written).not.toContain(secret);
    }
  });
});
