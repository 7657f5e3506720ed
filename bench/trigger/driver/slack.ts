import { createServer, type Socket } from 'node:net';
import { toInstallation } from '../workspace';
import { findPlace } from './post';

const EXCHANGE = '/apps.permissions.users.request ';
const INSTALL = '/oauth.v2.access ';
/** Of a `response_url`; the place of the request follows. */
export const RESPONSE_PATH = '/commands/';
const DATE_MS = 100;
const HEAD_END = '\r\n\r\n';

const EXCHANGED = JSON.stringify({ ok: true });
const ANSWERED = JSON.stringify({
  ok: true,
  team: 'Bench',
  team_id: 'T0BENCH00',
  user_id: 'U0BOT',
  bot_id: 'B0BENCH',
  channel: 'D0BENCH',
  ts: '1700000000.000100',
  user: { id: 'U0BENCH', is_admin: false, tz_offset: 0 },
});

interface Answers {
  exchanged: Buffer;
  answered: Buffer;
}

interface Listener {
  onExchange(place: number, at: number): void;
  onTold(place: number): void;
}

/**
 * Slack's part: it takes every call at once, and tells which trigger was used up when. It reads just enough of HTTP for
 * what the contenders send, so that it costs the process of the load little; it never closes a connection that is idle.
 */
export function startSlack(listener: Listener): Promise<number> {
  let answers = toAnswers();
  setInterval(() => {
    answers = toAnswers();
  }, DATE_MS).unref();
  const server = createServer({ noDelay: true }, (socket) => serve(socket, () => answers, listener));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}

function serve(socket: Socket, readAnswers: () => Answers, { onExchange, onTold }: Listener): void {
  let text = '';
  // A contender that ends breaks its connections.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const at = performance.now();
    text = text === '' ? chunk.toString('latin1') : text + chunk.toString('latin1');
    for (;;) {
      const headEnd = text.indexOf(HEAD_END);
      if (headEnd === -1) return;
      const head = text.slice(0, headEnd);
      const end = headEnd + HEAD_END.length + readLength(head);
      if (text.length < end) return;
      const line = head.slice(0, head.indexOf('\r\n'));
      const isExchange = line.includes(EXCHANGE);
      const body = text.slice(headEnd, end);
      const place = isExchange ? findPlace(body) : undefined;
      text = text.slice(end);
      if (line.includes(INSTALL)) {
        socket.write(toAnswer(JSON.stringify(toInstalled(body))));
        continue;
      }
      if (place !== undefined) onExchange(place, at);
      else if (line.includes(RESPONSE_PATH))
        onTold(Number.parseInt(line.slice(line.indexOf(RESPONSE_PATH) + RESPONSE_PATH.length), 10));
      const answers = readAnswers();
      socket.write(isExchange ? answers.exchanged : answers.answered);
    }
  });
}

function readLength(head: string): number {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  // A body of a length that is not told would be taken for the next call.
  if (length === undefined && /\r\ntransfer-encoding:/i.test(head))
    throw new Error('a call came in chunks, which the local Slack does not read');
  return Number(length ?? 0);
}

function toAnswers(): Answers {
  return { exchanged: toAnswer(EXCHANGED), answered: toAnswer(ANSWERED) };
}

/** With the time of now: the app learns Slack's clock from it. */
function toAnswer(text: string): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nDate: ${new Date().toUTCString()}\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
  );
}

/** Slack's answer to the code of an installation, which is the number of the workspace. */
function toInstalled(body: string): object {
  const [, code = ''] = /\bcode=(\d+)/.exec(body) ?? [];
  const { appId, team, bot, user } = toInstallation(Number(code));
  return {
    ok: true,
    app_id: appId,
    team,
    enterprise: null,
    is_enterprise_install: false,
    token_type: 'bot',
    access_token: bot?.token,
    scope: bot?.scopes.join(','),
    bot_user_id: bot?.userId,
    authed_user: { id: user.id },
  };
}
