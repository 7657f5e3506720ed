import { App, HTTPReceiver } from '@slack/bolt';
import { report } from '../program';
import { SIGNING_SECRET } from './body';

// A Bolt app as its documentation starts one: it verifies, acknowledges, and stores nothing.
async function main(): Promise<void> {
  const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET });
  const app = new App({ receiver, authorize: async () => ({ botToken: 'xoxb-bench' }) });
  app.event('user_resource_granted', async () => {});
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ port: address.port });
}

void main();
