import { runCli } from '../support/cli';
import { databases } from '../support/databases';
import { type Harness, startHarness, TEST_KEY } from '../support/harness';

const NEW_KEY = Buffer.alloc(32, 'n').toString('hex');
const OTHER_KEY = Buffer.alloc(32, 'o').toString('base64');

describe.each(databases)('scopekeeper rekey, on %s', (database) => {
  let harness: Harness;
  const rekey = (key: string) => runCli(['rekey'], { ...harness.environment, TOKEN_ENCRYPTION_KEY: key });
  const listKeyIds = async () => {
    const rows = (await harness.database.run(
      'select distinct substr(token, 1, 8) as id from user_tokens order by id',
    )) as { id: string }[];
    return rows.map(({ id }) => id);
  };

  beforeEach(async () => {
    harness = await startHarness({}, { database, oauth: true });
    for (const person of [harness.ben, harness.cleo]) {
      await person.runCommand('/permissions', 'request dnd:write:user');
      await (await person.browser.open(person.link('Allow in Slack'))).allow();
    }
    await harness.settled();
  });
  afterEach(() => harness.close());

  it('encrypts every token with the first key, so that the old one can go', async () => {
    const [oldId] = await listKeyIds();
    const { code, stdout } = await rekey(`${NEW_KEY},${TEST_KEY}`);
    const [newId, ...others] = await listKeyIds();
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `2 tokens encrypted anew. Every token is encrypted with the key ${newId}: older keys are no longer needed.\n`,
    });
    expect(others).toEqual([]);
    expect(newId).not.toBe(oldId);
    expect((await rekey(NEW_KEY)).stdout).toMatch(/^0 tokens encrypted anew\./);

    harness.environment.TOKEN_ENCRYPTION_KEY = NEW_KEY;
    await harness.restart();
    await harness.ben.runCommand('/permissions', 'revoke');
    await harness.ben.press('Take it back');
    await harness.settled();
    expect(harness.slack.granted('U0BEN')).toEqual([]);
    expect(harness.slack.granted('U0CLEO')).toEqual(['dnd:write']);
  });

  it('says which key it lacks, and changes nothing', async () => {
    const before = await listKeyIds();
    const { code, stderr } = await rekey(NEW_KEY);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/with the key [0-9a-f]{8}, which TOKEN_ENCRYPTION_KEY does not contain/),
    });
    expect(await listKeyIds()).toEqual(before);
  });

  it('says what is wrong with a key that is none, and never shows it', async () => {
    const { code, stderr } = await rekey('hunter2');
    expect(code).toBe(1);
    expect(stderr).toContain('TOKEN_ENCRYPTION_KEY cannot be read: write 32 random bytes');
    expect(stderr).not.toContain('hunter2');
  });

  it('keeps the app from starting with a key that does not fit', async () => {
    await harness.app.stop();
    harness.environment.TOKEN_ENCRYPTION_KEY = OTHER_KEY;
    await expect(harness.start()).rejects.toThrow(/TOKEN_ENCRYPTION_KEY is not the key/);
    harness.environment.TOKEN_ENCRYPTION_KEY = TEST_KEY;
    await harness.start();
  });
});
