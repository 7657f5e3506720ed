import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parse, stringify } from 'node:querystring';
import { Agent, request } from 'undici';
import { report } from '../../program';
import { argumentsSchema, SCOPES } from './arguments';

// The least that could do it: the signature checked, the call sent on a connection that is kept, the answer given. It
// records nothing, looks at no clock, and asks for no reason.
const { slackApiUrl, signingSecret } = argumentsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const dispatcher = new Agent({ keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 });

function isSigned(headers: IncomingMessage['headers'], body: Buffer): boolean {
  const hash = createHmac('sha256', signingSecret)
    .update(`v0:${headers['x-slack-request-timestamp']}:`)
    .update(body)
    .digest('hex');
  const [right, given] = [Buffer.from(`v0=${hash}`), Buffer.from(String(headers['x-slack-signature']))];
  return right.length === given.length && timingSafeEqual(right, given);
}

async function exchange(body: Buffer): Promise<void> {
  const { trigger_id, user_id } = parse(body.toString('latin1'));
  const answer = await request(`${slackApiUrl}apps.permissions.users.request`, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: stringify({ token: 'xoxb-bench', scopes: SCOPES, user: user_id, trigger_id }),
  });
  await answer.body.dump();
}

function serve(incoming: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const body = Buffer.concat(chunks);
    if (!isSigned(incoming.headers, body)) return response.writeHead(401).end();
    exchange(body).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    return response.writeHead(200, { 'content-length': 0 }).end();
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ port: address.port });
});
