import type { IncomingMessage } from 'node:http';

const NAME = 'scopekeeper_admin';

/** What the browser sent; undefined where it has none. */
export function readCookie({ headers }: IncomingMessage): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
}

/** As long as the browser is open, and, since it says nothing of how long, as long as the session is good here. */
export function toCookie(value: string, { isSecure }: { isSecure: boolean }): string {
  return `${NAME}=${value}; Path=/admin; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
}

export function toNoCookie(options: { isSecure: boolean }): string {
  return `${toCookie('', options)}; Max-Age=0`;
}
