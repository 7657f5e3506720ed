import type { ServerResponse } from 'node:http';

export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** Sent as it is if it is text, as JSON otherwise. */
  body: unknown;
}

export function jsonReply(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return { status, headers, body };
}

export function textReply(body: string, status = 200): Reply {
  return { status, headers: {}, body };
}

export function sendReply(res: ServerResponse, reply: Reply): void {
  if (res.writableEnded || res.destroyed) return;
  const { headers, text } = toSent(reply);
  res.writeHead(reply.status, headers);
  res.end(text);
}

/** The headers, which announce it whole, and the first half of it. `then` is called once that is on its way. */
export function sendHalf(res: ServerResponse, reply: Reply, then?: () => void): void {
  if (res.writableEnded || res.destroyed) return;
  const { headers, text } = toSent(reply);
  const bytes = Buffer.from(text);
  res.writeHead(reply.status, { ...headers, 'Content-Length': bytes.length });
  res.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), then);
}

/** What belongs into the body, and then blanks without an end, as fast as the other side reads. */
export function sendEndless(res: ServerResponse, reply: Reply): void {
  if (res.writableEnded || res.destroyed) return;
  const { headers, text } = toSent(reply);
  const blanks = Buffer.alloc(64 * 1024, ' ');
  const go = () => {
    while (!res.destroyed && res.write(blanks)) {}
  };
  res.writeHead(reply.status, headers);
  res.write(text);
  res.on('drain', go);
  go();
}

function toSent({ headers, body }: Reply): { headers: Record<string, string>; text: string } {
  const isText = typeof body === 'string';
  const isHtml = isText && body.trimStart().startsWith('<');
  const type = isText ? `text/${isHtml ? 'html' : 'plain'}` : 'application/json';
  return {
    headers: { 'Content-Type': `${type}; charset=utf-8`, ...headers },
    text: isText ? body : JSON.stringify(body),
  };
}

export function sendTooLarge(res: ServerResponse): void {
  sendReply(res, jsonReply({ ok: false, error: 'too_large' }, 413, { Connection: 'close' }));
}
