import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { View } from '@slack/web-api';
import manifest from '../../manifest.json';
import { startSandbox } from '../../sandbox/sandbox';
import type { Answer, GestureOptions, Sandbox } from '../../sandbox/types';
import { loadConfig } from '../../services/config/config';
import { type Database, openDatabase } from '../../services/database/database';
import { exchangeCode } from '../../services/oauth/oauth-access';
import { saveUserToken } from '../../services/oauth/user-store';
import type { PermissionsBackend } from '../../services/permissions/backend';
import { createBackground } from '../../services/runtime/background';
import { createLogger } from '../../services/runtime/logger';
import { toFailure, toRemedy } from '../../services/slack/errors';
import type { Trigger } from '../../services/slack/trigger';
import { createSlackServices, type SlackServices } from '../../services/slack-services';
import { createTestDatabase, type TestDatabase } from '../support/databases';
import { TEST_KEY } from '../support/harness';
import { createTestClock, type TestClock } from '../support/test-clock';
import { until } from '../support/until';

const REMIND = 'reminders:write:user';
const VIEW: View = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Title' },
  blocks: [{ type: 'divider' }],
};
/** Where each adapter shows its prompt, and where it learns what users hold. */
const adapters = [
  ['native', 'apps.permissions.users.request', 'apps.permissions.users.list'],
  ['oauth', 'views.open', 'auth.test'],
] as const;

describe.each(adapters)('what the %s backend promises', (kind, requestMethod, listMethod) => {
  let clock: TestClock;
  let sandbox: Sandbox;
  let app: Server;
  let place: TestDatabase;
  let database: Database;
  let slack: SlackServices;
  let backend: PermissionsBackend;
  beforeEach(async () => {
    clock = createTestClock(Math.floor(Date.now() / 1_000) * 1_000);
    // Gestures bring triggers; what the app would answer to them is of no matter here.
    app = createServer((_request, response) => void response.end()).listen(0);
    const address = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    sandbox = await startSandbox({
      clock,
      isRetired: kind === 'oauth',
      requestUrl: address,
      redirectUrl: address,
    });
    place = await createTestDatabase('sqlite');
    const config = loadConfig({
      SLACK_BOT_TOKEN: sandbox.botToken,
      SLACK_SIGNING_SECRET: sandbox.signingSecret,
      SLACK_CLIENT_ID: sandbox.clientId,
      SLACK_CLIENT_SECRET: sandbox.clientSecret,
      TOKEN_ENCRYPTION_KEY: TEST_KEY,
      SLACK_API_URL: sandbox.apiUrl,
      PERMISSIONS_BACKEND: kind,
      DATABASE_URL: place.url,
    });
    database = await openDatabase({ config: config.database, clock });
    const logger = createLogger({ level: 'silent', secrets: [] });
    slack = await createSlackServices({
      config,
      database,
      background: createBackground({ logger }),
      clock,
      logger,
      botScopes: manifest.oauth_config.scopes.bot,
      consentView: () => VIEW,
    });
    backend = slack.backend;
  });
  afterEach(async () => {
    await slack.close();
    await database.close();
    await sandbox.close();
    await place.destroy();
    app.close();
  });

  async function gesture(options?: GestureOptions): Promise<Trigger> {
    const { payload } = await sandbox.as('U0BEN').runCommand('/permissions', '', options);
    return {
      id: String(payload.trigger_id),
      source: 'slash_command',
      teamId: sandbox.teamId,
      enterpriseId: undefined,
      userId: 'U0BEN',
      sentAt: clock.now(),
    };
  }
  const request = (trigger: Trigger) =>
    backend.request({ requestId: 'R1', scopes: [REMIND], held: [], trigger });

  describe('asking', () => {
    it('shows a prompt, and says so', async () => {
      expect(await request(await gesture())).toMatchObject({ ok: true });
      const ben = sandbox.as('U0BEN');
      expect(ben.prompt() ?? ben.surface()).toBeDefined();
    });

    it.each<[string, GestureOptions]>([
      ['spent', {}],
      ['expired at Slack', { triggerAgeMs: 4_000 }],
    ])('says that a fresh trigger can help where this one is %s', async (what, options) => {
      const trigger = await gesture(options);
      if (what === 'spent') await request(trigger);
      const result = await request(trigger);
      expect(result.ok || toRemedy(result.cause)).toBe('again');
    });

    it.each<[string, Partial<Trigger>]>([
      ['no_trigger', { id: undefined }],
      ['no_time_left', { sentAt: 0 }],
    ])('calls nobody where there is %s', async (error, lack) => {
      expect(await request({ ...(await gesture()), ...lack })).toEqual(toFailure(error));
      expect(sandbox.callsTo(requestMethod)).toEqual([]);
    });

    it('calls once where there were too many calls, and says how long to wait', async () => {
      const headers = { 'Retry-After': '7' };
      sandbox.faults.answerNext(requestMethod, { status: 429, headers, body: { ok: false } });
      expect(await request(await gesture())).toEqual(toFailure('ratelimited', 7_000));
      expect(sandbox.callsTo(requestMethod)).toHaveLength(1);
    });

    it.each<[string, Answer]>([
      ['network_error', { reset: true }],
      ['http_503', { status: 503, text: '' }],
      ['invalid_response', { text: '<html>' }],
      ['surprise', { body: { ok: false, error: 'surprise' } }],
    ])('calls once, and passes %s on', async (error, fault) => {
      sandbox.faults.answerNext(requestMethod, fault);
      expect(await request(await gesture())).toEqual(toFailure(error));
      expect(sandbox.callsTo(requestMethod)).toHaveLength(1);
    });

    it('gives up before the trigger dies', async () => {
      sandbox.faults.answerNext(requestMethod, { hang: true });
      const asked = request(await gesture());
      await until(() => sandbox.callsTo(requestMethod).length === 1);
      await clock.advance(2_850);
      expect(await asked).toEqual(toFailure('timeout'));
    });
  });

  describe('the list', () => {
    const users = ['U0ADA', 'U0BEN', 'U0CLEO'];
    beforeEach(async () => {
      for (const userId of users) await grant(userId);
    });

    /** Natively Slack holds it; over OAuth there is a token that can tell. */
    async function grant(userId: string): Promise<void> {
      if (slack.oauth === undefined || kind === 'native') {
        return sandbox.grantDirectly(userId, [REMIND]);
      }
      const { client, vault } = slack.oauth;
      const query = { client_id: sandbox.clientId, user_scope: 'reminders:write', team: sandbox.teamId };
      const page = await sandbox
        .as(userId)
        .browser.open(`${sandbox.authorizeUrl}?${new URLSearchParams(query)}`);
      const back = new URL((await page.allow({ dropRedirect: true })).redirect ?? '');
      const code = back.searchParams.get('code') ?? '';
      const result = await exchangeCode(slack.callSlack, client, { code, redirectUri: undefined });
      if (!result.ok || result.consent.token === undefined) throw new Error('there is no token');
      const member = { teamId: sandbox.teamId, enterpriseId: undefined, userId };
      const sealed = vault.seal({ ...member, enterpriseId: '' }, result.consent.token);
      await database.transact((tx) => saveUserToken(tx, member, { cutoff: result.consent.time, ...sealed }));
    }

    const list = (page: { cursor?: string; limit: number }) =>
      backend.list({
        workspace: { teamId: sandbox.teamId, enterpriseId: undefined },
        cursor: undefined,
        ...page,
      });

    it('comes in pages, by the catalog’s names, and ends', async () => {
      await clock.advance(5_000);
      const found: unknown[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        if (!page.ok) throw new Error(page.error);
        expect(page.users.length).toBeLessThanOrEqual(2);
        expect(page.time).toBe(Math.floor(clock.now() / 1_000));
        found.push(...page.users);
        cursor = page.nextCursor;
        pages += 1;
      } while (cursor !== undefined);
      expect(pages).toBe(2);
      expect(found).toEqual(users.map((userId) => ({ userId, scopes: [REMIND] })));
    });

    it('says how long to wait where there were too many calls', async () => {
      const headers = { 'Retry-After': '7' };
      sandbox.faults.answerNext(listMethod, { status: 429, headers, body: { ok: false } });
      expect(await list({ limit: 200 })).toEqual(toFailure('ratelimited', 7_000));
    });

    it.each<[string, Answer]>([
      ['http_500', { status: 500, text: '' }],
      ['network_error', { reset: true }],
      ['surprise', { body: { ok: false, error: 'surprise' } }],
    ])('passes %s on, and has no page then', async (error, fault) => {
      sandbox.faults.answerAlways(listMethod, fault);
      expect(await list({ limit: 200 })).toMatchObject(toFailure(error));
    });

    it.each<[string, Answer]>([
      ['lacks what it is asked for', { body: { ok: true } }],
      ['is no JSON', { text: '<html>' }],
    ])('never takes an answer that %s for an empty page', async (_what, fault) => {
      sandbox.faults.answerAlways(listMethod, fault);
      const page = await list({ limit: 200 });
      expect(page).toMatchObject({ ok: false, error: expect.stringMatching(/^malformed_page: /) });
    });

    it('is as good as cut off where Slack does not answer within half a minute', async () => {
      sandbox.faults.answerNext(listMethod, { hang: true });
      const before = sandbox.callsTo(listMethod).length;
      const asked = list({ limit: 200 });
      await until(() => sandbox.callsTo(listMethod).length > before);
      await clock.advance(30_000);
      expect(await asked).toMatchObject({ ok: false, error: 'timeout' });
    });
  });
});
