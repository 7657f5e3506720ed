import { App } from '@slack/bolt';

// A Bolt app as its documentation writes it: https://docs.slack.dev/tools/bolt-js/concepts/commands
const [port, slackApiUrl = '', token = '', signingSecret = ''] = process.argv.slice(2);

const app = new App({ token, signingSecret, clientOptions: { slackApiUrl } });

app.command('/permissions', async ({ command, ack, client }) => {
  await ack();
  await client.apiCall('apps.permissions.users.request', {
    scopes: command.text.replace('request ', ''),
    trigger_id: command.trigger_id,
    user: command.user_id,
  });
});

void app.start({ port: Number(port), host: '127.0.0.1' });
