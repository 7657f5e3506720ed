import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { post } from '../support/signed-post';
import { until } from '../support/until';

const REQUEST = 'apps.permissions.users.request';
const LIST = 'apps.permissions.users.list';
const REMIND = 'reminders:write:user';
const TOKEN = 'a-token-of-24-characters';

let harness: Harness;
afterEach(() => harness.close());

interface Scrape {
  text: string;
  /** The sum of all samples of this name that have these labels; undefined: there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

/** Reads the page as Prometheus does. */
async function scrape(url = `http://127.0.0.1:${harness.app.metricsPort}/metrics`): Promise<Scrape> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, of]) => [key, of]);
      return { name, labels: Object.fromEntries(pairs), value: Number(value) };
    });
  return {
    text,
    value(name, wanted = {}) {
      const found = samples.filter(
        (sample) =>
          sample.name === `scopekeeper_${name}` &&
          Object.entries(wanted).every(([key, value]) => sample.labels[key] === value),
      );
      return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

describe('who may read GET /metrics', () => {
  it('nobody, where neither a port nor a token is set: there is no such page', async () => {
    harness = await startHarness();
    expect((await fetch(harness.url('/metrics'))).status).toBe(404);
    expect(harness.app.metricsPort).toBeUndefined();
  });

  it('on the port of everybody, who has the token', async () => {
    harness = await startHarness({ METRICS_TOKEN: TOKEN });
    const ask = async (authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const response = await fetch(harness.url('/metrics'), { headers });
      return [response.status, (await response.text()).includes('scopekeeper_')];
    };
    for (const wrong of [undefined, '', TOKEN, 'Bearer', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
      expect(await ask(wrong)).toEqual([401, false]);
    }
    expect(await ask(`Bearer ${TOKEN}`)).toEqual([200, true]);
    expect(harness.lines.join()).not.toContain(TOKEN);
  });

  it('on a port of its own, who is on this machine; with a token, who has that as well', async () => {
    harness = await startHarness({ METRICS_PORT: '0', METRICS_TOKEN: TOKEN });
    const url = `http://127.0.0.1:${harness.app.metricsPort}/metrics`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    expect((await fetch(url.replace('/metrics', '/healthz'))).status).toBe(404);
  });

  it('says which variable to set where its port is in use', async () => {
    harness = await startHarness();
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await harness.app.stop();
    harness.environment.METRICS_PORT = String(port);
    await expect(harness.start()).rejects.toThrow(/METRICS_PORT cannot be listened on/);
    delete harness.environment.METRICS_PORT;
    await harness.start();
    other.close();
  });

  it('also where Slack is reached by Socket Mode', async () => {
    harness = await startHarness({ METRICS_PORT: '0', METRICS_TOKEN: TOKEN }, { transport: 'socket' });
    const headers = { authorization: `Bearer ${TOKEN}` };
    for (const port of [harness.app.port, harness.app.metricsPort]) {
      expect((await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).status).toBe(200);
    }
  });
});

describe.each(databases)('GET /metrics, on %s', (database) => {
  const start = async (overrides: Record<string, string> = {}) => {
    harness = await startHarness({ METRICS_PORT: '0', ...overrides }, { database });
  };

  it('counts requests by ending, what their exchanges took and had left, and what is open', async () => {
    await start();
    const { ben, cleo, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`, { triggerAgeMs: 1_000 });
    await harness.settled();
    await cleo.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    expect((await scrape()).value('open_requests', { state: 'requested' })).toBe(2);
    await ben.allow();
    await cleo.deny();
    await harness.settled();
    await ben.runCommand('/permissions', 'request dnd:write:user');
    await harness.settled();
    await clock.advance(11 * 60_000, 60_000);
    await harness.settled();

    const found = await scrape();
    const logged = (event: string, source = 'slash_command') =>
      found.value('log_entries_total', { event, trigger_source: source });
    expect(['requested', 'granted', 'denied', 'unanswered'].map((event) => logged(event))).toEqual([
      3, 1, 1, 1,
    ]);
    expect(found.value('exchanges_total', { outcome: 'ok' })).toBe(3);
    expect(found.value('exchange_time_left_seconds_count')).toBe(3);
    // Of Ben's a second was gone when it arrived; the rest of each is what is kept back for the acknowledgement.
    expect(found.value('exchange_time_left_seconds_sum')).toBeCloseTo(3 * 2.85 - 1, 3);
    expect(found.value('exchange_after_arrival_seconds_sum')).toBe(0);
    expect(found.value('exchange_after_arrival_seconds_bucket', { le: '0.005' })).toBe(3);
    expect(found.value('open_requests', { state: 'requested' })).toBe(0);
    expect(found.value('log_size_entries')).toBe((await harness.log()).length);
    expect(found.value('events_received_total', { type: 'granted' })).toBe(1);
    expect(found.value('database_errors_total')).toBe(0);
    expect(found.value('database_up')).toBe(1);
    expect(found.value('build_info', { node: process.version })).toBe(1);
  });

  it('counts triggers that ran out by where, and 429s by method', async () => {
    await start();
    const { ben, slack, clock } = harness;
    const limited = {
      status: 429,
      headers: { 'Retry-After': '1' },
      body: { ok: false, error: 'ratelimited' },
    };
    await ben.runCommand('/permissions', `request ${REMIND}`, { triggerAgeMs: 2_900 });
    await harness.settled();
    slack.faults.answerNext(REQUEST, { body: { ok: false, error: 'expired_trigger_id' } });
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    slack.faults.answerNext(REQUEST, { hang: true });
    const hanging = ben.runCommand('/permissions', `request ${REMIND}`);
    await until(() => slack.callsTo(REQUEST).length === 2);
    await clock.advance(2_900);
    await hanging;
    await harness.settled();
    slack.faults.answerNext(REQUEST, limited);
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    slack.faults.answerNext('users.info', limited);
    await harness.cleo.runCommand('/permissions', 'log');
    await harness.settled();

    const found = await scrape();
    const expired = (where: string) => found.value('triggers_expired_total', { where });
    expect(['here', 'at_slack', 'on_the_way'].map(expired)).toEqual([1, 1, 1]);
    expect(found.value('slack_rate_limited_total', { method: REQUEST })).toBe(1);
    expect(found.value('slack_rate_limited_total', { method: 'users.info' })).toBe(1);
    expect(found.value('log_entries_total', { event: 'failed' })).toBe(4);
  });

  it('counts what Slack sends again, and what was recorded before', async () => {
    await start();
    const body = JSON.stringify({
      type: 'event_callback',
      team_id: harness.slack.teamId,
      event_id: 'Ev1',
      event_time: Math.floor(harness.clock.now() / 1_000),
      event: { type: 'user_resource_granted', user: 'U0BEN', scopes: [REMIND], trigger_id: '1.2.a' },
    });
    await post(harness, { body });
    const headers = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' };
    await post(harness, { body, headers });
    await post(harness, {
      body,
      headers: { ...headers, 'x-slack-retry-reason': 'whatever somebody writes' },
    });
    const found = await scrape();
    expect(found.value('events_received_total')).toBe(3);
    expect(found.value('events_duplicate_total')).toBe(2);
    expect(found.value('retries_total', { reason: 'http_timeout' })).toBe(1);
    expect(found.value('retries_total', { reason: 'other' })).toBe(1);
  });

  it('shows the sync of each team: how it ended, when, and whether it runs', async () => {
    await start();
    const team = harness.slack.teamId;
    harness.slack.grantDirectly('U0BEN', [REMIND]);
    expect((await scrape()).value('sync_running', { team })).toBeUndefined();
    await harness.ada.runCommand('/permissions', 'sync');
    await harness.settled();
    const endedAt = harness.clock.now();
    await harness.clock.advance(90_000, 10_000);
    let found = await scrape();
    expect(found.value('sync_last_end_timestamp_seconds', { team })).toBe(endedAt / 1_000);
    expect(found.value('sync_age_seconds', { team })).toBe(90);
    expect([found.value('sync_running', { team }), found.value('sync_failed', { team })]).toEqual([0, 0]);
    expect([found.value('syncs_total', { result: 'done' }), found.value('sync_changes_total')]).toEqual([
      1, 1,
    ]);

    harness.slack.faults.answerNext(LIST, { delayMs: 5_000, body: { ok: false, error: 'invalid_auth' } });
    await harness.ada.runCommand('/permissions', 'sync');
    await until(() => harness.slack.callsTo(LIST).length === 2);
    found = await scrape();
    expect(found.value('sync_running', { team })).toBe(1);
    expect(found.value('sync_age_seconds', { team })).toBe(90);
    // A lease from before the clock was set back ends at once.
    harness.clock.set(-60_000);
    expect((await scrape()).value('sync_running', { team })).toBe(0);
    harness.clock.set(60_000);
    await harness.clock.advance(5_000);
    await harness.settled();
    found = await scrape();
    expect([found.value('sync_running', { team }), found.value('sync_failed', { team })]).toEqual([0, 1]);
  });

  it('shows how far the sinks are behind, in entries and in seconds', async () => {
    // Nobody listens there.
    await start({
      AUDIT_WEBHOOK_URL: 'http://127.0.0.1:9/',
      AUDIT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 's').toString('base64')}`,
    });
    const labels = { sink: 'webhook', team: harness.slack.teamId };
    for (const user of ['ben', 'cleo'] as const) {
      await harness[user].runCommand('/permissions', `request ${REMIND}`);
      await harness.settled();
      await harness.clock.advance(30_000);
      await harness.settled();
    }
    let found = await scrape();
    expect(found.value('sink_lag_entries', labels)).toBe(2);
    expect(found.value('sink_lag_seconds', labels)).toBe(60);
    await harness.database.run('update sinks set seq = 2');
    found = await scrape();
    expect([found.value('sink_lag_entries', labels), found.value('sink_lag_seconds', labels)]).toEqual([
      0, 0,
    ]);
    await harness.app.stop();
    delete harness.environment.AUDIT_WEBHOOK_URL;
    await harness.start();
    expect((await scrape()).value('sink_lag_entries')).toBeUndefined();
  });

  it('says who nobody is: no user’s id is in it, and what comes from outside is no label', async () => {
    await start();
    const { ben, slack } = harness;
    slack.faults.answerNext(REQUEST, { body: { ok: false, error: 'U0BEN_made_this_up' } });
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    const { text, value } = await scrape();
    expect(value('exchanges_total', { outcome: 'refused' })).toBe(1);
    expect(text).not.toMatch(/U0(BEN|ADA|CLEO)/);
    for (const name of text.match(/^# TYPE (\S+)/gm) ?? [])
      expect(name).toMatch(/^# TYPE scopekeeper_[a-z_]+$/);
  });

  it('answers also while the database cannot be had, and counts that', async () => {
    await start();
    await harness.ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    const lock = await harness.database.lock();
    let isRecorded = false;
    const event = { type: 'user_resource_granted', user: 'U1', scopes: [REMIND], trigger_id: '1.1.a' };
    void harness.slack.sendEvent(event).then(() => {
      isRecorded = true;
    });
    await until(async () => {
      await harness.clock.advance(50);
      return ((await scrape()).value('database_errors_total') ?? 0) > 0;
    });
    await lock.release();
    await until(async () => {
      await harness.clock.advance(1_000);
      return isRecorded;
    });
    if (database === 'sqlite') return;
    const away = await harness.database.makeUnavailable();
    const found = await scrape();
    await away.bringBack();
    expect(found.value('database_up')).toBe(0);
    expect(found.value('log_size_entries')).toBeUndefined();
    expect(found.value('exchanges_total', { outcome: 'ok' })).toBe(1);
  });
});
