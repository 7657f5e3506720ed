import { runCli } from '../support/cli';
import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';
import { startProgram } from '../support/program';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';

/** What every table holds. */
async function readRows({ database }: Harness): Promise<string> {
  const tables = await database.run(
    database.kind === 'sqlite'
      ? `select name from sqlite_master where type = 'table'`
      : `select tablename as name from pg_tables where schemaname = 'public'`,
  );
  const rows = (tables as { name: string }[]).map(({ name }) => database.run(`select * from ${name}`));
  return JSON.stringify(await Promise.all(rows));
}

describe.each(databases)('watching from the command line, on %s', (database) => {
  let harness: Harness;
  const cli = (...args: string[]) => runCli(args, harness.environment);

  beforeEach(async () => {
    harness = await startHarness({}, { database });
    await harness.ben.runCommand('/permissions', `request ${REMIND}`);
    await harness.ben.allow();
    await harness.settled();
  });
  afterEach(() => harness.close());

  it('verifies what the app wrote, and names the newest hash', async () => {
    const { code, stdout, stderr } = await cli('verify');
    const newest = (await harness.log()).at(-1)?.hash;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        `^T0SANDBOX: 2 entries verified. Newest hash: ${newest}\nSigned since 2[-\\dT:.]+Z: older entries are proved as they stood then.\n$`,
      ),
      stderr: '',
    });
    expect((await cli('verify', '--team', 'T0SANDBOX', '--noted', String(newest))).code).toBe(0);
  });

  it('says which entry was changed first, and ends with 1', async () => {
    await harness.database.run(`update grant_log set user_id = 'U0ADA' where event = 'granted'`);
    expect(await cli('verify')).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^Signed since/),
      stderr: 'T0SANDBOX: broken after 2 entries. entry 2: it was changed, or put in the place of another.\n',
    });
  });

  it('says that a log was not started anew by the app, where the entries and the signatures are gone', async () => {
    for (const table of ['log_scopes', 'log_words', 'grant_log', 'chains']) {
      await harness.database.run(`delete from ${table}`);
    }
    const { code, stderr } = await cli('verify');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'T0SANDBOX: not proved. All of its entries are gone: the signed list of teams names it.\n',
    });
    await harness.database.run('delete from chain_list');
    expect(await cli('verify')).toEqual({
      code: 1,
      stdout: 'The grant log is empty: there is nothing to verify.\n',
      stderr: expect.stringContaining('somebody took the signatures away'),
    });
  });

  it('wants the key, knows an older one, and signs anew with the first', async () => {
    const { SLACK_SIGNING_SECRET: derived = '', ...environment } = harness.environment;
    const run = (args: string[], keys: Record<string, string>) =>
      runCli(args, { ...environment, SLACK_SIGNING_SECRET: '', ...keys });
    expect((await run(['verify'], {})).stderr).toContain(
      'SIGNING_KEY is missing: the grant log is signed with it.',
    );
    const SIGNING_KEY = 'a key that is new here';
    const without = await run(['verify'], { SIGNING_KEY });
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('if you changed the key, write the old one after the new one');
    expect(without.stderr).not.toContain('broken');
    const both = { SIGNING_KEY: `${SIGNING_KEY}, ${derived}` };
    expect((await run(['verify'], both)).code).toBe(0);
    expect((await run(['sign'], { SIGNING_KEY })).code).toBe(1);
    const signed = await run(['sign'], both);
    expect({ code: signed.code, stdout: signed.stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^T0SANDBOX: signed anew.\nSigned since 2/),
    });
    expect((await run(['verify'], { SIGNING_KEY })).code).toBe(0);
  });

  it('says what is wrong with a hash that is none, or is nowhere', async () => {
    expect((await cli('verify', '--noted', 'abc')).stderr).toContain('Write the 64 hex digits of a hash.');
    const { code, stderr } = await cli('verify', '--noted', '0'.repeat(64));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('the hash that was noted') });
  });

  it('deletes old days by itself where that is asked for, and what is left verifies', async () => {
    harness.environment.RETENTION_DAYS = '30';
    await harness.app.stop();
    await harness.clock.advance(40 * 24 * 60 * 60_000);
    await harness.start();
    await harness.clock.advance(60_000);
    await harness.settled();
    expect(await harness.log()).toEqual([]);
    await harness.ben.runCommand('/permissions', 'request dnd:write:user');
    await harness.settled();
    expect((await cli('verify')).stdout).toMatch(/^T0SANDBOX: 1 entry verified\./);
  });

  it('deletes with the old days all that names a user or holds their words, but what stands', async () => {
    const words = 'a reason of forty days ago';
    await harness.cleo.runCommand('/permissions', 'form');
    harness.cleo.choose('Permission', ['Set reminders for you']);
    harness.cleo.type('Reason', words);
    await harness.cleo.submit();
    await harness.cleo.deny();
    await harness.cleo.openHome();
    await harness.settled();
    expect(await readRows(harness)).toContain(words);
    harness.environment.RETENTION_DAYS = '30';
    const passDays = async (days: number) => {
      await harness.app.stop();
      await harness.clock.advance(days * 24 * 60 * 60_000);
      await harness.start();
      await harness.clock.advance(60_000);
      await harness.settled();
    };
    await passDays(20);
    expect(await readRows(harness)).toContain(words);
    await passDays(20);
    const left = await readRows(harness);
    expect(left).not.toContain(words);
    expect(left).not.toContain('U0CLEO');
    expect((await harness.grants()).map(({ user_id, scope }) => [user_id, scope])).toEqual([
      ['U0BEN', REMIND],
    ]);
    for (const table of ['permission_requests', 'request_triggers', 'received_events', 'grant_log']) {
      expect([table, await harness.database.run(`select * from ${table}`)]).toEqual([table, []]);
    }
    expect((await cli('verify')).code).toBe(0);
  });

  it('follows the log, from what is there to what comes, until it is told to stop', async () => {
    const { child, ended } = startProgram(
      'cli.js',
      ['log', '--follow', '--format', 'jsonl'],
      harness.environment,
    );
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const events = () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { event: string }).event);
    await until(() => events().length === 2);
    await harness.cleo.runCommand('/permissions', `request ${REMIND}`);
    await harness.cleo.deny();
    await until(() => events().length === 4);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(events()).toEqual(['requested', 'granted', 'requested', 'denied']);
  });

  it('does not follow and stop after some at once', async () => {
    expect((await cli('log', '--follow', '--limit', '3')).stderr).toContain('cannot be used with');
  });
});
