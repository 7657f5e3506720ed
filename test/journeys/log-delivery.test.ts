import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningApp } from '../../app';
import catalog from '../../scopes.json';
import { databases } from '../support/databases';
import { type Harness, startHarness, type Transport } from '../support/harness';
import { until } from '../support/until';

const POST = 'chat.postMessage';
const CHANNEL = 'C0GENERAL';
const REMIND = 'reminders:write:user';
const SECRET = Buffer.alloc(32, 's');
const MINUTE = 60_000;

let harness: Harness;

afterEach(async () => {
  await another?.stop();
  another = undefined;
  await harness.close();
});

/** A second instance, where there is one. */
let another: RunningApp | undefined;

/** Moves time on by half a second, and waits for what that began; with `withoutSync`, for no answer that waits for time. */
async function step(withoutWaiting = false): Promise<void> {
  await harness.clock.advance(500);
  if (withoutWaiting) return;
  await harness.app.settled();
  await another?.settled();
}

async function untilSo(isSo: () => boolean | Promise<boolean>, withoutWaiting = false): Promise<void> {
  await until(async () => {
    if (await isSo()) return true;
    await step(withoutWaiting);
    return false;
  });
}

/** Time passes, in which something could happen that must not. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) await step();
}

/** Events of Slack's, each of another user: as many entries in the log. */
async function record(count: number, { from = 1, teamId }: { from?: number; teamId?: string } = {}) {
  const sent = Array.from({ length: count }, (_, index) =>
    harness.slack.sendEvent(
      {
        type: 'user_resource_granted',
        user: `U${from + index}`,
        scopes: [REMIND],
        trigger_id: `1.${from + index}.a`,
      },
      teamId === undefined ? {} : { teamId },
    ),
  );
  for (const { status } of await Promise.all(sent)) expect(status).toBe(200);
}

const posts = () => harness.slack.callsTo(POST).filter(({ args }) => args.channel === CHANNEL);
/** The entries that Slack took, by number. */
const told = () =>
  posts()
    .filter(({ status, answer }) => status === 200 && JSON.stringify(answer).includes('"ok":true'))
    .flatMap(({ args }) => [...(args.blocks ?? '').matchAll(/#(\d+)/g)].map(([, seq]) => Number(seq)));
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);
const linesOf = (message: string) =>
  harness.lines.map((line) => JSON.parse(line)).filter((line) => line.msg === message);

describe.each(databases)('the audit channel, on %s', (database) => {
  const environment = { AUDIT_CHANNEL: CHANNEL };
  beforeEach(async () => {
    harness = await startHarness(environment, { database });
  });
  it('reads an entry within a second and a half, with who, what, which scopes and why', async () => {
    const { ben, slack } = harness;
    await ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.settled();
    await pass(1_000);
    await ben.allow();
    await harness.settled();
    await pass(2_000);
    const seen = harness.ada.messages().filter(({ channel }) => channel === CHANNEL);
    expect(seen.map(({ plain }) => plain)).toEqual([
      expect.stringMatching(/^<@U0BEN> \*was asked for\* `reminders:write:user` · <!date\^\d+\^.*> · #1$/),
      expect.stringMatching(/^<@U0BEN> \*granted\* `reminders:write:user` · <!date\^\d+\^.*> · #2$/),
    ]);
    expect(seen[0]?.text).toBe('U0BEN: requested reminders:write:user');
    expect(slack.callsTo(POST).filter(({ args }) => args.channel === CHANNEL)).toHaveLength(2);
  });

  it('collects what comes at once, in order, twenty to a message, and sends one message a second', async () => {
    await record(50);
    await untilSo(() => told().length === 50);
    expect(told()).toEqual(upTo(50));
    expect(posts()).toHaveLength(3);
    const times = posts().map(({ at }) => at);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(1_000);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(1_000);
  });

  it('keeps to Slack’s limits whatever a user writes, and shows it as one entry', async () => {
    const { cleo } = harness;
    for (const { label } of catalog.slice(0, 6)) {
      await cleo.runCommand('/permissions', 'form');
      await harness.settled();
      const fields = cleo.surface()?.fields ?? [];
      cleo.choose(fields[0] ?? '', [label]);
      cleo.type(fields[1] ?? '', `${'<&>\n• #7 '.repeat(30)}`);
      await cleo.submit();
      await harness.settled();
      cleo.closePrompt();
    }
    const entries = await harness.log();
    expect(entries.length).toBeGreaterThanOrEqual(6);
    await untilSo(() => posts().length >= 1 && told().length >= entries.length);
    for (const { args, answer } of posts()) {
      expect(answer).toMatchObject({ ok: true });
      const blocks: { text: { text: string } }[] = JSON.parse(args.blocks ?? '[]');
      for (const { text } of blocks) {
        expect(text.text.length).toBeLessThanOrEqual(3_000);
        for (const line of text.text.split('\n')) expect(line).toMatch(/^<@U0CLEO> \*/);
      }
    }
  });

  it('obeys Retry-After, and loses nothing by it', async () => {
    const limited = {
      status: 429,
      headers: { 'Retry-After': '30' },
      body: { ok: false, error: 'ratelimited' },
    };
    await record(3);
    await harness.app.settled();
    harness.slack.faults.answerNext(POST, limited);
    await untilSo(() => posts().length === 1);
    await pass(28_000);
    await record(2, { from: 4 });
    expect(posts()).toHaveLength(1);
    await untilSo(() => posts().length === 2);
    expect(posts()[1]!.at - posts()[0]!.at).toBeGreaterThanOrEqual(30_000);
    expect(told()).toEqual(upTo(5));
  });

  it('waits while Slack is down, longer each time up to a minute, and then tells everything once', async () => {
    harness.slack.faults.answerAlways(POST, { status: 503, text: '' });
    await record(2);
    await untilSo(() => posts().length >= 9);
    const times = posts().map(({ at }) => at);
    const waits = times.slice(1).map((at, index) => at - times[index]!);
    expect(waits.map((wait) => Math.floor(wait / 1_000))).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    harness.slack.faults.answerAlways(POST, undefined);
    await record(1, { from: 3 });
    await untilSo(() => told().length > 0);
    await pass(5_000);
    expect(told()).toEqual([1, 2, 3]);
  });

  it('goes on after a restart with what was recorded meanwhile, and begins with what came after it was configured', async () => {
    await record(2);
    await untilSo(() => told().length === 2);
    await harness.app.stop();
    delete harness.environment.AUDIT_CHANNEL;
    await harness.start();
    await record(2, { from: 3 });
    await harness.app.stop();
    harness.environment.AUDIT_CHANNEL = CHANNEL;
    await harness.start();
    await untilSo(() => told().length === 4);
    expect(told()).toEqual([1, 2, 3, 4]);
  });

  it('of two instances one posts, each entry once', async () => {
    another = await harness.startAnother();
    for (let batch = 0; batch < 5; batch += 1) {
      await record(7, { from: 1 + batch * 7 });
      await pass(1_500);
    }
    await untilSo(() => told().length >= 35);
    await pass(5_000);
    expect(told()).toEqual(upTo(35));
  });

  it('tells nothing again where Slack had taken it and the database could not be told so', async () => {
    await record(1);
    await harness.app.settled();
    harness.slack.faults.answerNext(POST, { delayMs: 3_000 });
    await untilSo(() => posts().length === 1, true);
    const lock = await harness.database.lock();
    const hasFailed = () =>
      linesOf('background work failed').some(({ work }) => work === 'the channel of the grant log');
    await untilSo(hasFailed, true);
    expect(told()).toEqual([1]);
    await lock.release();
    await record(1, { from: 2 });
    await untilSo(() => told().length >= 2);
    await pass(2 * MINUTE);
    expect(told()).toEqual([1, 2]);
  });

  it('skips what was deleted by age', async () => {
    harness.slack.faults.answerAlways(POST, { status: 503, text: '' });
    await record(4);
    await untilSo(() => posts().length === 1);
    await harness.database.run('delete from grant_log where seq in (1, 2)');
    harness.slack.faults.answerAlways(POST, undefined);
    await untilSo(() => told().length > 0);
    expect(told()).toEqual([3, 4]);
  });

  it('ends while there is more to tell, and does the rest after the start', async () => {
    await record(45);
    await untilSo(() => posts().length === 1);
    await harness.restart();
    await untilSo(() => told().length >= 45);
    expect(told()).toEqual(upTo(45));
  });
});

describe('an audit channel that Slack refuses', () => {
  it.each(['channel_not_found', 'not_in_channel', 'is_archived', 'missing_scope'])(
    '%s: says once an hour what to do, tries each minute, and loses nothing',
    async (error) => {
      harness = await startHarness({ AUDIT_CHANNEL: CHANNEL });
      harness.slack.faults.answerAlways(POST, { body: { ok: false, error } });
      await record(1);
      await untilSo(() => posts().length === 1);
      await pass(5 * MINUTE);
      expect(posts().length).toBe(6);
      const said = linesOf('log delivery stopped until an operator acts: no entries are lost');
      expect(said).toMatchObject([{ level: 'error', sink: 'channel', error }]);
      expect(said[0].advice).toMatch(/AUDIT_CHANNEL|chat:write/);
      harness.clock.set(-60 * MINUTE);
      await pass(MINUTE);
      expect(linesOf('log delivery stopped until an operator acts: no entries are lost')).toHaveLength(2);
      harness.slack.faults.answerAlways(POST, undefined);
      await pass(MINUTE + 1_000);
      expect(told()).toEqual([1]);
    },
  );
});

describe.each(databases)('the audit channel of a log that was there before, on %s', (database) => {
  it.each([
    ['a channel', CHANNEL],
    ['a pair', `T0SANDBOX:${CHANNEL}`],
  ])('begins with what is recorded after %s was first configured', async (_form, channel) => {
    harness = await startHarness({}, { database });
    await record(3);
    await harness.app.stop();
    harness.environment.AUDIT_CHANNEL = channel;
    await harness.start();
    await record(1, { from: 4 });
    await untilSo(() => told().length > 0);
    await pass(3_000);
    expect(told()).toEqual([4]);
  });

  it('tells each workspace in its own channel, and of a workspace without one nothing', async () => {
    harness = await startHarness({ AUDIT_CHANNEL: 'T0SANDBOX:C0GENERAL, T0OTHER:C0OTHER' }, { database });
    await record(1);
    await record(1, { from: 2, teamId: 'T0SECOND' });
    await record(1, { from: 3 });
    await untilSo(() => told().length === 2);
    await pass(3_000);
    expect(told()).toEqual([1, 3]);
    expect(harness.slack.callsTo(POST).filter(({ args }) => args.channel?.startsWith('C'))).toEqual(posts());
  });
});

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  at: number;
}

/** Something that takes webhooks on this machine. */
async function startReceiver() {
  const received: Received[] = [];
  let answer = (response: ServerResponse, _about: Received): void => void response.writeHead(204).end();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const about = { path: request.url ?? '', headers: request.headers, body, at: harness.clock.now() };
      received.push(about);
      answer(response, about);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/audit?key=open-sesame`,
    received,
    /** The entries that got a 2xx, by number. */
    seqs: () => received.map(({ body }) => Number(JSON.parse(body).data.seq)),
    answerWith(next: typeof answer) {
      answer = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As a receiver does it that knows nothing of us but the secret. */
function verify({ headers, body }: Received): void {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', SECRET).update(content).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${expected}`);
}

const transports: [string, Transport][] = [
  ['postgres', 'http'],
  ['sqlite', 'socket'],
];

describe.each(transports)('the audit webhook, on %s by %s', (database, transport) => {
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  beforeEach(async () => {
    receiver = await startReceiver();
    harness = await startHarness(
      { AUDIT_WEBHOOK_URL: receiver.url, AUDIT_WEBHOOK_SECRET: `whsec_${SECRET.toString('base64')}` },
      { database: database === 'postgres' ? 'postgres' : 'sqlite', transport },
    );
  });
  afterEach(() => receiver.close());

  it('gets each entry as the command line prints it, in order, signed, with an id of its own', async () => {
    await record(30);
    await untilSo(() => receiver.received.length === 30);
    const log = await harness.log();
    expect(receiver.received.map(({ body }) => JSON.parse(body))).toEqual(
      log.map((data) => ({ type: 'grant_log.entry', timestamp: data.at, data })),
    );
    for (const one of receiver.received) {
      verify(one);
      expect(one.headers['content-type']).toBe('application/json');
      expect(one.path).toBe('/audit?key=open-sesame');
      expect(Math.abs(Number(one.headers['webhook-timestamp']) * 1_000 - one.at)).toBeLessThanOrEqual(1_000);
    }
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(
      log.map(({ seq, hash }) => `grant_log_T0SANDBOX_${seq}_${String(hash).slice(0, 16)}`),
    );
    expect(harness.lines.join()).not.toMatch(/open-sesame|whsec_/);
  });

  it('is tried again, longer apart each time up to an hour, with the same id, and nothing is skipped', async () => {
    receiver.answerWith((response) => void response.writeHead(500).end('no'));
    await record(2);
    await untilSo(() => receiver.received.length === 7);
    const { received } = receiver;
    const waits = received.slice(1).map(({ at }, index) => at - received[index]!.at);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000]);
    const ids = new Set(received.map(({ headers }) => headers['webhook-id']));
    expect([...ids]).toEqual([expect.stringMatching(/^grant_log_T0SANDBOX_1_[0-9a-f]{16}$/)]);
    expect(new Set(received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(7);
    for (const one of received) verify(one);
    const said = () => linesOf('log delivery failed: will retry');
    expect(said()[0]).toMatchObject({ sink: 'webhook', team_id: 'T0SANDBOX', error: 'http_500' });

    await harness.database.run("update sinks set attempts = 1000 where team_id <> ''");
    await untilSo(() => received.length === 8);
    expect(said().at(-1)).toMatchObject({ again_in_seconds: 3_600 });
    receiver.answerWith((response) => void response.writeHead(200).end());
    // While nothing runs, an hour is over at once.
    await harness.restart(3_600_000);
    await untilSo(() => received.length === 10);
    expect(receiver.seqs().slice(-2)).toEqual([1, 2]);
  });

  it.each([
    ['seconds', () => '90'],
    ['a date', () => new Date(harness.clock.now() + 90_000).toUTCString()],
  ])('obeys Retry-After in %s', async (_form, header) => {
    receiver.answerWith((response) => void response.writeHead(429, { 'retry-after': header() }).end());
    await record(1);
    await untilSo(() => receiver.received.length === 1);
    receiver.answerWith((response) => void response.writeHead(200).end());
    await pass(85_000);
    expect(receiver.received).toHaveLength(1);
    await untilSo(() => receiver.received.length === 2);
  });

  it('follows no redirect, and takes it for a refusal', async () => {
    const elsewhere = `${receiver.url.split('/audit')[0]}/elsewhere`;
    receiver.answerWith((response) => void response.writeHead(307, { location: elsewhere }).end());
    await record(1);
    await untilSo(() => receiver.received.length === 2);
    expect(receiver.received.map(({ path }) => path)).toEqual(Array(2).fill('/audit?key=open-sesame'));
    expect(linesOf('log delivery failed: will retry')[0]).toMatchObject({ error: 'http_307' });
  });

  it('is given up after ten seconds without an answer, and tried again', async () => {
    receiver.answerWith(() => {});
    await record(1);
    await untilSo(() => receiver.received.length === 1, true);
    const heldSince = receiver.received[0]!.at;
    receiver.answerWith((response) => void response.writeHead(200).end());
    await untilSo(() => receiver.received.length === 2, true);
    expect(receiver.received[1]!.at - heldSince).toBeGreaterThanOrEqual(10_000);
    expect(linesOf('log delivery failed: will retry')[0]).toMatchObject({ error: 'timeout' });
  });

  it('loses nothing over a restart, and repeats nothing that was taken', async () => {
    let refuses = 3;
    receiver.answerWith((response) => {
      refuses -= 1;
      response.writeHead(refuses >= 0 ? 503 : 200).end();
    });
    await record(5);
    await untilSo(() => receiver.received.length >= 2);
    await harness.restart();
    await record(3, { from: 6 });
    await untilSo(() => new Set(receiver.seqs()).size === 8);
    await pass(5_000);
    expect(receiver.seqs().filter((seq, index, all) => seq !== all[index - 1])).toEqual(upTo(8));
    expect(receiver.received).toHaveLength(8 + 3);
  });

  it('of two instances one posts, and the other goes on when the first has died', async () => {
    another = await harness.startAnother();
    await record(20);
    await untilSo(() => receiver.received.length >= 20);
    await pass(3_000);
    expect(receiver.seqs()).toEqual(upTo(20));
    // As an instance leaves it that is killed in the middle: the place is held, and nobody is there.
    const heldUntil = harness.clock.now() + 30_000;
    await harness.database.run(
      `update sinks set owner = 'dead', due_at_ms = ${heldUntil} where team_id <> ''`,
    );
    await record(2, { from: 21 });
    await pass(25_000);
    expect(receiver.received).toHaveLength(20);
    await untilSo(() => receiver.received.length >= 22);
    expect(receiver.received[20]!.at).toBeGreaterThanOrEqual(heldUntil);
    await pass(3_000);
    expect(receiver.seqs()).toEqual(upTo(22));
  });

  it('keeps each workspace’s order, and one that waits holds up no other', async () => {
    receiver.answerWith((response, { body }) => {
      const { data } = JSON.parse(body);
      response.writeHead(data.team_id === 'T0SECOND' ? 500 : 200).end();
    });
    await record(3);
    await record(1, { from: 4, teamId: 'T0SECOND' });
    await record(3, { from: 5 });
    const seqsOf = (teamId: string) =>
      receiver.received
        .map(({ body }) => JSON.parse(body).data)
        .filter(({ team_id }) => team_id === teamId)
        .map(({ seq }) => seq);
    await untilSo(() => seqsOf('T0SANDBOX').length === 6);
    expect(seqsOf('T0SANDBOX')).toEqual([1, 2, 3, 5, 6, 7]);
    expect(new Set(seqsOf('T0SECOND'))).toEqual(new Set([4]));
  });
});
