import type { IncomingMessage, ServerResponse } from 'node:http';

/** The cookie's value; undefined where the browser sent none. */
export function readNamedCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Adds a cookie to those already set. */
export function addCookie(response: ServerResponse, cookie: string): void {
  const before = response.getHeader('set-cookie');
  response.setHeader('set-cookie', [before ?? []].flat().map(String).concat(cookie));
}

/** Whether a browser prefetches the page, or a scanner or messenger previews the link: nobody has asked for it yet. */
export function isPrefetch({ method, headers }: IncomingMessage): boolean {
  const purposes = [headers['sec-purpose'], headers.purpose, headers['x-purpose'], headers['x-moz']];
  return (
    method === 'HEAD' || purposes.some((purpose) => /prefetch|prerender|preview/i.test(String(purpose ?? '')))
  );
}
