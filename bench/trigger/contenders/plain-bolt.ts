import { App } from '@slack/bolt';
import { report } from '../../program';
import { argumentsSchema, SCOPES } from './arguments';

// As Bolt's documentation writes a slash command: https://docs.slack.dev/tools/bolt-js/concepts/commands
async function main(): Promise<void> {
  const { slackApiUrl, signingSecret } = argumentsSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const app = new App({ token: 'xoxb-bench', signingSecret, clientOptions: { slackApiUrl } });
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
