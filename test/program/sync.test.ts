import { startSandbox } from '../../sandbox/sandbox';
import type { Sandbox } from '../../sandbox/types';
import { openDatabase } from '../../services/database/database';
import { systemClock } from '../../services/runtime/clock';
import { runCli } from '../support/cli';
import { createTestDatabase, databases, type TestDatabase } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { consent } from '../support/oauth';
import { startProgram } from '../support/program';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';
const LIST = 'apps.permissions.users.list';

describe.each(databases)('scopekeeper sync, on %s', (kind) => {
  let slack: Sandbox;
  let place: TestDatabase;
  let environment: Record<string, string>;
  const cli = (...args: string[]) => runCli(args, environment);

  beforeEach(async () => {
    slack = await startSandbox();
    place = await createTestDatabase(kind);
    environment = {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_API_URL: slack.apiUrl,
      PERMISSIONS_BACKEND: 'native',
      DATABASE_URL: place.url,
      PORT: '0',
    };
    // As a start of the app makes it.
    const database = await openDatabase({ config: place.config, clock: systemClock });
    await database.close();
  });
  afterEach(async () => {
    await slack.close();
    await place.destroy();
  });

  it('mends the store and says so in one line', async () => {
    slack.grantDirectly('U0BEN', [REMIND, DND]);
    expect(await cli('sync')).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Sync done: 1 page, 1 user, 2 changes, 0:0\d\.\n$/),
      stderr: '',
    });
    expect(JSON.parse((await cli('log', '--format', 'jsonl')).stdout)).toMatchObject({
      event: 'granted',
      source: 'users_list',
      user_id: 'U0BEN',
      scopes: [DND, REMIND],
    });
  });

  it('prints the drift with --dry-run, and changes nothing', async () => {
    slack.grantDirectly('U0BEN', [REMIND]);
    slack.grantDirectly('U0CLEO', [REMIND]);
    await cli('sync');
    await place.run("update grants set mark = mark - 60 where user_id <> '*'");
    slack.revokeDirectly('U0BEN');
    slack.grantDirectly('U0CLEO', [DND]);
    const before = (await cli('log', '--format', 'jsonl')).stdout;

    const { code, stdout, stderr } = await cli('sync', '--dry-run', '--format', 'jsonl');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Dry run: 1 page, 1 user, 2 changes. Nothing was changed.\n',
    });
    const lines = stdout.trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { team_id: slack.teamId, user_id: 'U0CLEO', scope: DND, ours: 'missing', slack: 'granted' },
      { team_id: slack.teamId, user_id: 'U0BEN', scope: REMIND, ours: 'granted', slack: 'missing' },
    ]);
    expect((await cli('log', '--format', 'jsonl')).stdout).toBe(before);
    expect((await cli('sync', '--dry-run')).stdout).toMatch(/^team_id +user_id +scope +ours +slack\n/);
  });

  it('says why it stopped, and mends the rest the next time', async () => {
    for (let user = 0; user < 250; user += 1) slack.grantDirectly(`U${1_000 + user}`, [REMIND]);
    slack.faults.answerNext(LIST, {});
    slack.faults.answerNext(LIST, { body: { ok: false, error: 'no_permission' } });
    const stopped = await cli('sync');
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(
      /^The sync stopped at no_permission after 1 page, 200 users, 200 changes\./,
    );
    expect((await cli('sync')).stdout).toMatch(/^Sync done: 2 pages, 250 users, 50 changes/);
  });

  it('stops at its place when it is told to', async () => {
    slack.faults.answerNext(LIST, { status: 429, headers: { 'Retry-After': '60' }, body: { ok: false } });
    const { child, ended } = startProgram('cli.js', ['sync'], environment);
    await until(() => slack.callsTo(LIST).length === 1);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 1,
      stderr: 'Stopped. The sync goes on from its place the next time.\n',
    });
    expect((await cli('sync')).code).toBe(0);
  });

  it('ends at once when it is told to while Slack does not answer', async () => {
    slack.faults.answerAlways(LIST, { hang: true });
    const { child, ended } = startProgram('cli.js', ['sync'], environment);
    await until(() => slack.callsTo(LIST).length === 1);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({
      code: 1,
      stderr: 'Stopped. The sync goes on from its place the next time.\n',
    });
    slack.faults.answerAlways(LIST, undefined);
    expect((await cli('sync')).code).toBe(0);
  });

  it('ends as failed where the database cannot be written, and the next goes on', async () => {
    slack.grantDirectly('U0BEN', [REMIND]);
    await place.run('alter table log_scopes rename to hidden_scopes');
    expect(await cli('sync')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The sync stopped at unexpected_error after 0 pages/),
    });
    await place.run('alter table hidden_scopes rename to log_scopes');
    expect((await cli('sync')).stdout).toMatch(/^Sync done: 1 page, 1 user, 1 change/);
  });

  it('says why a dry run could not look', async () => {
    slack.faults.answerAlways(LIST, { body: { ok: false, error: 'missing_scope' } });
    expect(await cli('sync', '--dry-run')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The dry run stopped at missing_scope after 0 pages/),
    });
  });

  it('says what is wrong with a team that is not the token’s, and a token that Slack refuses', async () => {
    const other = await cli('sync', '--team', 'T0OTHER');
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The app is not in team T0OTHER (but in: T0SANDBOX)'),
    });
    environment.SLACK_BOT_TOKEN = 'xoxb-wrong-token-0000';
    const refused = await cli('sync');
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('(invalid_auth): check it'),
    });
  });
});

describe.each(databases)('scopekeeper sync over OAuth, on %s', (kind) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database: kind, oauth: true });
    await consent(harness, harness.ben, REMIND);
    await consent(harness, harness.cleo, `${REMIND},${DND}`);
    // The program has a clock of its own.
    await harness.database.run("update grants set mark = mark - 60 where user_id <> '*'");
    harness.slack.revokeDirectly('U0CLEO', ['dnd:write']);
  });
  afterEach(() => harness.close());

  const cli = (...args: string[]) => runCli(args, harness.environment);
  const spoil = (users: string) =>
    harness.database.run(`update user_tokens set token = substr(token, 1, 30) where ${users}`);

  it('prints the drift with --dry-run, and changes nothing: no token, either', async () => {
    await harness.slack.revokeToken('U0BEN', { silent: true });
    const { code, stdout, stderr } = await cli('sync', '--dry-run', '--format', 'jsonl');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'Dry run: 1 page, 1 user, 2 changes. Nothing was changed.\n',
    });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(await harness.database.run('select user_id from user_tokens')).toHaveLength(2);
    expect(await harness.grants()).toHaveLength(3);
  });

  it('skips a token that cannot be read, names its user, and mends the others', async () => {
    await spoil("user_id = 'U0BEN'");
    const skipped = 'Skipped, and left as they are: 1 user: U0BEN (secret_unreadable).\n';
    expect(await cli('sync', '--dry-run')).toMatchObject({
      code: 0,
      stderr: `${skipped}Dry run: 1 page, 1 user, 1 change. Nothing was changed.\n`,
    });
    expect(await cli('sync')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Sync done: 1 page, 1 user, 1 change/),
      stderr: skipped,
    });
    expect(await harness.grants()).toHaveLength(2);
  });

  it('ends a dry run with 1 that could look at nobody', async () => {
    await spoil('true');
    expect(await cli('sync', '--dry-run')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The dry run learnt nothing: every user was skipped.'),
    });
  });
});
