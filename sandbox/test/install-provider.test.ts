import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InstallProvider, type Logger, LogLevel, MemoryInstallationStore } from '@slack/oauth';
import { type Sandbox, startSandbox } from '../sandbox';
import type { SandboxOptions } from '../types';
import manifest from './support/manifest.json';

const quiet = () => undefined;
const SILENT: Logger = {
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  setLevel: quiet,
  getLevel: () => LogLevel.ERROR,
  setName: quiet,
};
const SCOPES = ['chat:write', 'commands'];

/** An app that installs itself with Slack's own library. */
async function startInstaller(options: SandboxOptions = {}) {
  const sandbox: Sandbox = await startSandbox({ manifest, isInstalled: false, ...options });
  const { clientId, clientSecret, apiUrl: slackApiUrl, authorizeUrl: authorizationUrl } = sandbox;
  const provider = new InstallProvider({
    clientId,
    clientSecret,
    stateSecret: 'a-secret-for-states',
    authorizationUrl,
    clientOptions: { slackApiUrl },
    installationStore: new MemoryInstallationStore(),
    logger: SILENT,
  });
  const server: Server = createServer((req, res) => {
    const isCallback = req.url?.startsWith('/slack/oauth_redirect');
    const asked = { scopes: SCOPES, userScopes: ['reminders:write'] };
    void (isCallback ? provider.handleCallback(req, res) : provider.handleInstallPath(req, res, {}, asked));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sandbox.setRedirectUrl(`${url}/slack/oauth_redirect`);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await sandbox.close();
  };
  /** Somebody goes to the app's own install page, and on from there. */
  const openConsent = async (userId: string) => {
    const { browser } = sandbox.as(userId);
    const page = await browser.open(`${url}/slack/install`);
    return await browser.open(page.link('Add to Slack'));
  };
  return { sandbox, provider, openConsent, close };
}

test('Slack’s own library installs the app in a workspace', async () => {
  const { sandbox, provider, openConsent, close } = await startInstaller();
  const page = await (await openConsent('U0ADA')).allow({ teamId: 'T0SECOND' });
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('Thank you!')]);

  const result = await provider.authorize({
    teamId: 'T0SECOND',
    userId: 'U0ADA',
    enterpriseId: undefined,
    isEnterpriseInstall: false,
  });
  const [user] = sandbox.userTokens();
  const [bot] = sandbox.botTokens();
  expect(result).toMatchObject({
    botToken: bot?.value,
    botId: 'B0APPSECOND',
    botUserId: 'U0APPSECOND',
    userToken: user?.value,
  });
  await close();
});

test('… and in an organisation', async () => {
  const { sandbox, provider, openConsent, close } = await startInstaller({ isEnterprise: true });
  await (await openConsent('U0ADA')).allow({ orgWide: true });
  const query = { teamId: undefined, enterpriseId: 'E0SANDBOX', isEnterpriseInstall: true as const };
  expect(await provider.authorize(query)).toMatchObject({ botToken: sandbox.botTokens()[0]?.value });
  await close();
});

test('… and refreshes what runs out', async () => {
  const { sandbox, provider, openConsent, close } = await startInstaller({ tokenRotation: true });
  await (await openConsent('U0ADA')).allow({ teamId: 'T0SANDBOX' });
  const [first] = sandbox.botTokens();
  // It refreshes by the system's time, two hours ahead.
  const store = provider.installationStore;
  const query = { teamId: 'T0SANDBOX', enterpriseId: undefined, isEnterpriseInstall: false as const };
  const installation = await store.fetchInstallation(query);
  if (installation.bot) installation.bot.expiresAt = Math.floor(Date.now() / 1000) + 60;
  await store.storeInstallation(installation);

  const { botToken } = await provider.authorize(query);

  expect(botToken).not.toBe(first?.value);
  expect(sandbox.botTokens().at(-1)?.value).toBe(botToken);
  await close();
});

test('a refusal reaches it', async () => {
  const { sandbox, openConsent, close } = await startInstaller();
  const page = await (await openConsent('U0ADA')).deny();
  expect([page.status, page.text]).toEqual([
    500,
    expect.stringContaining('slack_oauth_installer_authorization_error'),
  ]);
  expect(sandbox.botTokens()).toEqual([]);
  await close();
});
