import { runCli } from '../support/cli';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { consent } from '../support/oauth';
import { runProgram } from '../support/program';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe.each(databases)('the command line, on %s', (database) => {
  let harness: Harness;
  let noon: string;
  beforeAll(async () => {
    harness = await startHarness({}, { database });
    const { ben, cleo, slack, clock } = harness;
    await ben.runCommand('/permissions', `request ${REMIND},${DND}`);
    await ben.allow();
    await clock.advance(60_000);
    noon = new Date(clock.now()).toISOString();
    await cleo.runCommand('/permissions', 'form');
    cleo.choose('Permission', ['Set reminders for you']);
    cleo.type('Reason', '=HYPERLINK("http://x") \u001b[31mred');
    await cleo.submit();
    await cleo.deny();
    await ben.runCommand('/permissions', 'log');
    await harness.settled();
    await harness.ada.runCommand('/permissions', 'log');
    await harness.settled();
    await slack.sendEvent({ type: 'scope_granted', scopes: ['channels:read'], trigger_id: '1.2.x' });
  });
  afterAll(() => harness.close());

  const cli = (...args: string[]) => runCli(args, { DATABASE_URL: harness.environment.DATABASE_URL! });
  const jsonl = async (...args: string[]) => {
    const { stdout, stderr, code } = await cli(...args, '--format', 'jsonl');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  };

  it('prints the log, oldest first, one object a line with the fields of the contract', async () => {
    const entries = await jsonl('log');
    expect(entries.map(({ event, user_id }) => `${event} ${user_id}`)).toEqual([
      'requested U0BEN',
      'granted U0BEN',
      'requested U0CLEO',
      'denied U0CLEO',
      'granted null',
    ]);
    expect(Object.keys(entries[0])).toEqual(
      'seq at team_id user_id event scopes source request_id trigger_source event_id error reason hash'.split(
        ' ',
      ),
    );
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
    for (const { at } of entries) expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it.each([
    [
      ['--user', 'U0CLEO'],
      [3, 4],
    ],
    [
      ['--scope', DND],
      [1, 2],
    ],
    [['--scope', 'dnd%'], []],
    [['--scope', 'dnd:write'], []],
    [
      ['--event', 'granted'],
      [2, 5],
    ],
    [['--team', 'T0NOBODY'], []],
    [
      ['--team', 'T0SANDBOX', '--event', 'requested'],
      [1, 3],
    ],
    [
      ['--limit', '2'],
      [1, 2],
    ],
  ])('filters the log by %j', async (args, expected) => {
    expect((await jsonl('log', ...args)).map(({ seq }) => seq)).toEqual(expected);
  });

  it('filters the log by time: from --since on, before --until', async () => {
    expect((await jsonl('log', '--since', noon)).map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect((await jsonl('log', '--until', noon)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect((await jsonl('log', '--until', noon.replace('Z', ''))).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('prints what stands now', async () => {
    const grants = await jsonl('grants');
    expect(grants.map(({ user_id, scope }) => [user_id, scope])).toEqual([
      [null, 'channels:read'],
      ['U0BEN', DND],
      ['U0BEN', REMIND],
    ]);
    expect(Object.keys(grants[0])).toEqual(['team_id', 'user_id', 'scope', 'granted_at', 'source']);
    expect((await jsonl('grants', '--user', 'U0BEN', '--scope', DND)).length).toBe(1);
  });

  it('prints the access log, oldest first', async () => {
    const entries = await jsonl('access');
    expect(entries.map(({ user_id, event, detail }) => [user_id, event, detail])).toEqual([
      ['U0BEN', 'refused', 'The grant log: no admin'],
      ['U0ADA', 'link_made', null],
    ]);
    expect(Object.keys(entries[0])).toEqual(['seq', 'at', 'team_id', 'user_id', 'event', 'detail']);
    expect(
      await jsonl('access', '--event', 'link_made', '--user', 'U0ADA', '--team', 'T0SANDBOX'),
    ).toHaveLength(1);
    expect(await jsonl('access', '--until', noon)).toEqual([]);
    expect((await cli('access', '--event', 'nonsense')).stderr).toContain('Allowed choices');
  });

  it('prints CSV whose cells no spreadsheet runs', async () => {
    const { stdout } = await cli('log', '--format', 'csv', '--user', 'U0CLEO');
    const [heading, row] = stdout.split('\n');
    expect(heading).toBe(
      'seq,at,team_id,user_id,event,scopes,source,request_id,trigger_source,event_id,error,reason,hash',
    );
    expect(row).toContain(`"'=HYPERLINK(""http://x"")`);
  });

  it('prints a table, with nothing in it that a terminal obeys', async () => {
    const { stdout } = await cli('log');
    expect(stdout.split('\n')[0]).toMatch(/^seq\s+at\s+team_id/);
    expect(stdout).toContain('[31mred');
    expect(stdout).not.toContain('\u001b');
    expect((await cli('log', '--team', 'T0NOBODY')).stdout).toMatch(/^seq {2}at/);
  });
});

describe('the command line', () => {
  it.each([
    [['log', '--format', 'xml'], /Allowed choices are jsonl, table, csv/],
    [['log', '--since', 'yesterday'], /such as 2026-01-31/],
    [['log', '--limit', '0'], /whole number from 1/],
    [['log', '--event', 'approved'], /Allowed choices are requested, granted/],
    [['logs'], /unknown command 'logs'/],
    [['grants', '--usr', 'U'], /unknown option '--usr'/],
  ])('says what is wrong with %j, and where to read on', async (args, expected) => {
    const { code, stderr, stdout } = await runCli(args, {});
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(expected);
    expect(stderr).toContain('--help');
  });

  it('says what to do where there is no database', async () => {
    const ended = await runCli(['log'], { DATABASE_URL: 'file:/nowhere/x.db' });
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Start the app once'),
    });
    expect(ended.stderr).not.toContain('    at ');
  });
});

// What the other tests run in this process, an operator runs in one of its own.
describe('node dist/cli.js', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({}, { oauth: true });
    await consent(harness, harness.ben, DND);
  });
  afterAll(() => harness.close());

  it.each([
    ['log', /granted/],
    ['grants', /U0BEN/],
    ['access', /^seq/],
    ['verify', /2 entries verified/],
    ['sign', /Signed since/],
    ['sync', /^Sync done/],
    ['rekey', /^0 tokens encrypted anew/],
    ['manifest', /oauth_config/],
  ])('runs %s, and ends', async (command, expected) => {
    const ended = await runProgram('cli.js', [command], harness.environment);
    expect(ended).toEqual({ code: 0, stdout: expect.stringMatching(expected), stderr: '' });
  });

  it('ends with 1 where something is wrong', async () => {
    expect(await runProgram('cli.js', ['log', '--limit', '0'], {})).toMatchObject({ code: 1, stdout: '' });
    const ended = await runProgram('cli.js', ['log'], { DATABASE_URL: 'file:/nowhere/x.db' });
    expect(ended).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Start the app once'),
    });
  });
});
