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

export function sendReply(res: ServerResponse, { status, headers, body }: Reply): void {
  if (res.writableEnded || res.destroyed) return;
  const isText = typeof body === 'string';
  const isHtml = isText && body.trimStart().startsWith('<');
  const type = isText ? `text/${isHtml ? 'html' : 'plain'}` : 'application/json';
  res.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, ...headers });
  res.end(isText ? body : JSON.stringify(body));
}

export function sendTooLarge(res: ServerResponse): void {
  sendReply(res, jsonReply({ ok: false, error: 'too_large' }, 413, { Connection: 'close' }));
}
