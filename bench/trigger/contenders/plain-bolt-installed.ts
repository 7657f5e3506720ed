import { App, FileInstallationStore } from '@slack/bolt';
import { report } from '../../program';
import { toInstallation, WORKSPACES } from '../workspace';
import { argumentsSchema, SCOPES } from './arguments';

// The same for workspaces that install the app, with the store that comes with Bolt:
// https://docs.slack.dev/tools/bolt-js/concepts/authenticating-oauth
async function main(): Promise<void> {
  const { slackApiUrl, signingSecret, folder } = argumentsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const installationStore = new FileInstallationStore({ baseDir: folder });
  for (let number = 0; number < WORKSPACES; number += 1)
    await installationStore.storeInstallation(toInstallation(number));
  const app = new App({
    signingSecret,
    clientId: '111.222',
    clientSecret: 'bench-client-secret',
    stateSecret: 'bench-state-secret',
    scopes: ['commands', 'chat:write'],
    installationStore,
    clientOptions: { slackApiUrl },
  });
  app.command('/permissions', async ({ command, ack, client }) => {
    await ack();
    await client.apiCall('apps.permissions.users.request', {
      trigger_id: command.trigger_id,
      scopes: SCOPES,
      user: command.user_id,
    });
  });
  const server = await app.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ port: address.port });
}

void main();
