import { databases } from '../support/databases';
import { type Harness, startHarness } from '../support/harness';

const REMIND = 'reminders:write:user';
const DND = 'dnd:write:user';

describe.each(databases)('asking over OAuth, on %s', (database) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await startHarness({}, { database, oauth: true, sandbox: { optionalScopes: ['dnd:write'] } });
  });
  afterEach(() => harness.close());

  /** Ben asks, and has the modal on his screen. */
  async function ask(scopes: string): Promise<void> {
    await harness.ben.runCommand('/permissions', `request ${scopes}`);
    await harness.settled();
  }

  it('shows what is asked and why, and records what the user allows in Slack', async () => {
    const { ben, slack } = harness;
    await ask(`${REMIND},${DND}`);
    expect(ben.surface()?.texts.join('\n')).toContain('Set reminders for you');
    const page = await ben.browser.open(ben.link('Allow in Slack'));
    expect(page.authorize?.scopes.map(({ scope }) => scope)).toEqual(['reminders:write', 'dnd:write']);
    const done = await page.allow();
    await harness.settled();
    expect(done.status).toBe(200);
    expect(done.text).toContain('You granted');
    expect(slack.granted('U0BEN')).toEqual(['dnd:write', 'reminders:write']);
    expect(await harness.events()).toEqual([`requested ${REMIND},${DND}`, `granted ${REMIND},${DND}`]);
    expect((await harness.log()).at(-1)).toMatchObject({ source: 'oauth', trigger_source: 'slash_command' });
    expect(ben.surface()?.texts.join()).toContain('Done: you granted');
    expect(ben.lastMessage()?.plain).toContain('Noted: you granted');
  });
});
