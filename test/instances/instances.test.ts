import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { startSandbox } from '../../sandbox/sandbox';
import { createTestDatabase } from '../support/databases';
import { listeningPort, runProgram, startProgram } from '../support/program';
import { sign } from '../support/signed-post';
import { until } from '../support/until';

const EVENTS = 300;
const LISTED = 1_000;
const LIST = 'apps.permissions.users.list';

/** Three instances of the app on one PostgreSQL, on the system's clock: one is killed in the middle of a sweep. */
describe('three instances on one PostgreSQL', () => {
  it('record each event once, and finish the sweep of one that was killed', async () => {
    const slack = await startSandbox();
    const place = await createTestDatabase('postgres');
    const environment = {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      PERMISSIONS_BACKEND: 'native',
      PORT: '0',
      DATABASE_URL: place.url,
      TIER2_PER_MINUTE: '1000',
    };
    for (let user = 0; user < LISTED; user += 1) slack.grantDirectly(`U9${user}`, ['reminders:write:user']);
    // The third page is slow: whoever sweeps is in the middle then.
    slack.faults.answerNext(LIST, {}, 2);
    slack.faults.answerNext(LIST, { hang: true });

    // The first to start has the sweep.
    const sweeper = startProgram('app.js', [], environment);
    const sweeperPort = await listeningPort(sweeper.child);
    await until(() => slack.callsTo(LIST).length === 3);
    const others = [startProgram('app.js', [], environment), startProgram('app.js', [], environment)];
    const ports = [sweeperPort, ...(await Promise.all(others.map(({ child }) => listeningPort(child))))];

    const bodies = Array.from({ length: EVENTS }, (_, number) =>
      JSON.stringify({
        type: 'event_callback',
        team_id: slack.teamId,
        event_id: `Ev${number}`,
        event_time: Math.floor(Date.now() / 1_000),
        event: {
          type: 'user_resource_granted',
          user: `U${number}`,
          scopes: ['dnd:write:user'],
          trigger_id: `1.${number}.a`,
        },
      }),
    );
    const post = async (port: number, body: string) => {
      const timestamp = Math.floor(Date.now() / 1_000);
      const response = await fetch(`http://127.0.0.1:${port}/slack/events`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-slack-request-timestamp': String(timestamp),
          'x-slack-signature': sign(slack.signingSecret, timestamp, body),
        },
        body,
      });
      return response.status;
    };
    // Each event to two instances at once, and a third of them to all three; the sweep goes on meanwhile.
    const statuses = await Promise.all(
      bodies.flatMap((body, index) =>
        ports
          .filter((_, instance) => index % 3 === 0 || instance !== index % ports.length)
          .map((port) => post(port, body)),
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));

    kill(sweeper.child);
    await sweeper.ended;
    // Another takes the sweep over once the dead one's lease has run out, and goes on from its place.
    await until(() => slack.callsTo(LIST).length >= 3 + LISTED / 200 - 2, 60_000);
    await until(
      async () => (await place.run("select 1 from sweeps where state = 'done'")).length === 1,
      60_000,
    );
    for (const { child } of others) child.kill('SIGTERM');
    for (const { ended } of others) expect((await ended).code).toBe(0);

    const cursors = slack.callsTo(LIST).map(({ args }) => args.cursor);
    expect(cursors).toHaveLength(3 + LISTED / 200 - 2);
    expect(cursors[3]).toBe(cursors[2]);
    expect((await runProgram('cli.js', ['verify'], environment)).code).toBe(0);
    const { stdout } = await runProgram('cli.js', ['log', '--format', 'jsonl'], environment);
    const entries = stdout
      .trim()
      .split('\n')
      .map((line): { event_id: string | null; source: string; user_id: string; event: string } =>
        JSON.parse(line),
      );
    const recorded = entries.filter(({ source }) => source === 'slack_event').map(({ event_id }) => event_id);
    expect(recorded.sort()).toEqual(bodies.map((_, number) => `Ev${number}`).sort());
    const listed = entries.filter(({ source }) => source === 'users_list');
    expect(new Set(listed.map(({ event }) => event))).toEqual(new Set(['granted']));
    expect(listed.map(({ user_id }) => user_id).sort()).toEqual(
      Array.from({ length: LISTED }, (_, user) => `U9${user}`).sort(),
    );
    await slack.close();
    await place.destroy();
  }, 150_000);
});

function kill(child: ChildProcessWithoutNullStreams): void {
  child.kill('SIGKILL');
}
