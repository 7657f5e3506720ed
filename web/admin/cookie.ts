import type { IncomingMessage } from 'node:http';

interface CookieOptions {
  /** Whether browsers speak https with us. */
  isSecure: boolean;
}

const NAME = 'scopekeeper_admin';

/** By the prefix `__Host-` browsers take it from this very host and by https alone: no neighbour under the same domain can plant one. */
function toName({ isSecure }: CookieOptions): string {
  return isSecure ? `__Host-${NAME}` : NAME;
}

/** What the browser sent; undefined where it has none. */
export function readCookie({ headers }: IncomingMessage, options: CookieOptions): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const name = toName(options);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** As long as the browser is open, and, since it says nothing of how long, as long as the session is good here. */
export function toCookie(value: string, options: CookieOptions): string {
  const where = options.isSecure ? 'Path=/; Secure' : 'Path=/admin';
  return `${toName(options)}=${value}; ${where}; HttpOnly; SameSite=Lax`;
}

export function toNoCookie(options: CookieOptions): string {
  return `${toCookie('', options)}; Max-Age=0`;
}
