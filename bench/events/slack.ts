import { createServer } from 'node:http';
import { report } from '../program';
import { TEAM } from './body';

// Slack's part while events are recorded: it takes every message, and tells whose token it is.
const answer = JSON.stringify({
  ok: true,
  team: 'Bench',
  team_id: TEAM,
  channel: 'D0BENCH',
  ts: '1700000000.000100',
});
let messages = 0;

const server = createServer((request, response) => {
  if (request.url?.endsWith('/chat.postMessage')) messages += 1;
  request.resume();
  request.on('end', () => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
      .end(answer);
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) report({ port: address.port });
});
process.on('message', () => report({ messages }));
