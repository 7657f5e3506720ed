import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the browser sent; undefined where it has none. */
export function readNamedCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Beside those that others have set. */
export function addCookie(response: ServerResponse, cookie: string): void {
  const before = response.getHeader('set-cookie');
  response.setHeader('set-cookie', [before ?? []].flat().map(String).concat(cookie));
}

/** Nobody has asked for the page yet: a browser looks ahead, or a scanner or a messenger looks at a link. */
export function isPrefetch({ method, headers }: IncomingMessage): boolean {
  const purposes = [headers['sec-purpose'], headers.purpose, headers['x-purpose'], headers['x-moz']];
  return (
    method === 'HEAD' || purposes.some((purpose) => /prefetch|prerender|preview/i.test(String(purpose ?? '')))
  );
}
