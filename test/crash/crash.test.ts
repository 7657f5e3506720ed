import { createServer } from 'node:net';
import { startSandbox } from '../../sandbox/sandbox';
import { createTestDatabase } from '../support/databases';
import { listeningPort, runProgram, startProgram } from '../support/program';
import { sign } from '../support/signed-post';
import { until } from '../support/until';

/** `npm run test:crash` asks for 200. PostgreSQL gets fewer: what is acknowledged is kept by another process there. */
const KILLS = Number(process.env.KILLS ?? 10);
const RUNS = [
  ['sqlite', KILLS],
  ['postgres', Math.ceil(KILLS / 4)],
] as const;
const SENDERS = 6;
const LONGEST_LIFE_MS = 400;

interface Sent {
  eventId: string;
  body: string;
  acknowledged: boolean;
}

/**
 * Events stream in while the app is killed with `kill -9` at random moments, and started again on the same database.
 * What was not acknowledged is sent again, as Slack does; what was acknowledged is not.
 */
describe.each(RUNS)('kill -9s while events stream in, on %s, %i times', (kind, kills) => {
  it('lose no acknowledged event, and record none twice', async () => {
    const slack = await startSandbox();
    const database = await createTestDatabase(kind);
    const port = await findFreePort();
    const environment = {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      PERMISSIONS_BACKEND: 'native',
      PORT: String(port),
      DATABASE_URL: database.url,
      LOG_LEVEL: 'info',
      // The sync would find these users on no list of Slack's, and log that they are gone.
      SYNC_INTERVAL_MINUTES: '0',
    };
    const events: Sent[] = [];
    let unsent: Sent[] = [];
    let streaming = true;

    function nextEvent(): Sent {
      const again = unsent.pop();
      if (again !== undefined) return again;
      const number = events.length;
      const eventId = `Ev${number}`;
      const type = number % 3 === 0 ? 'user_resource_denied' : 'user_resource_granted';
      const body = JSON.stringify({
        type: 'event_callback',
        team_id: slack.teamId,
        event_id: eventId,
        event_time: 1_700_000_000 + number,
        event: { type, user: `U${number}`, scopes: ['reminders:write:user'], trigger_id: `1.${number}.a` },
      });
      const sent = { eventId, body, acknowledged: false };
      events.push(sent);
      return sent;
    }

    async function send(event: Sent): Promise<void> {
      const timestamp = Math.floor(Date.now() / 1_000);
      try {
        const response = await fetch(`http://127.0.0.1:${port}/slack/events`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-slack-request-timestamp': String(timestamp),
            'x-slack-signature': sign(slack.signingSecret, timestamp, event.body),
          },
          body: event.body,
        });
        await response.text();
        event.acknowledged = response.status === 200;
      } catch {
        // Killed while it worked, or not up yet.
      }
      if (event.acknowledged) return;
      unsent.push(event);
      // Leaves the processor to the app that is starting.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }

    async function stream(): Promise<void> {
      while (streaming) {
        await send(nextEvent());
      }
    }

    let app = startProgram('app.js', [], environment);
    await listeningPort(app.child);
    const senders = Array.from({ length: SENDERS }, stream);
    const countAcknowledged = () => events.filter((event) => event.acknowledged).length;
    for (let kill = 0; kill < kills; kill += 1) {
      // Events have a part that is loaded when the app listens already: it is killed when they are taken.
      const before = countAcknowledged();
      await until(() => countAcknowledged() > before);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_LIFE_MS));
      app.child.kill('SIGKILL');
      await app.ended;
      app = startProgram('app.js', [], environment);
      await listeningPort(app.child);
    }
    streaming = false;
    await Promise.all(senders);
    const acknowledgedBefore = countAcknowledged();
    while (unsent.length > 0) {
      const again = unsent;
      unsent = [];
      for (const event of again) await send(event);
    }
    app.child.kill('SIGTERM');
    expect((await app.ended).code).toBe(0);

    const { stdout } = await runProgram('cli.js', ['log', '--format', 'jsonl'], environment);
    const recorded = stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line).event_id);
    process.stdout.write(
      `${kills} kills on ${kind}: ${events.length} events, ${acknowledgedBefore} acknowledged in between, ${recorded.length} recorded\n`,
    );
    expect(acknowledgedBefore).toBeGreaterThan(kills);
    expect(recorded.length).toBe(new Set(recorded).size);
    expect(new Set(recorded)).toEqual(new Set(events.map((event) => event.eventId)));
    await slack.close();
    await database.destroy();
  }, 600_000);
});

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
