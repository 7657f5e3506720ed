import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { report } from '../../program';
import { toUser } from './users';

// Slack's part in the sweep: a list of so many users, in pages. No page is kept, none is limited.
const users = Number(process.argv[2]);

function toPage(form: URLSearchParams): object {
  const from = Number(form.get('cursor') ?? 0);
  const to = Math.min(from + Number(form.get('limit')), users);
  const resources = Array.from({ length: to - from }, (_, index) => toUser(from + index));
  return { ok: true, resources, response_metadata: { next_cursor: to < users ? String(to) : '' } };
}

const server = createServer(async (request, response) => {
  const form = new URLSearchParams(await text(request));
  const body = JSON.stringify(toPage(form));
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ port: address.port });
});
