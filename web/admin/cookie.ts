import type { IncomingMessage } from 'node:http';

interface CookieOptions {
  /** Whether browsers reach the app by https. */
  isSecure: boolean;
}

const NAME = 'scopekeeper_admin';

/** Browsers accept a `__Host-` cookie only from this host and by https: another host of the same domain cannot set it. */
function toName({ isSecure }: CookieOptions): string {
  return isSecure ? `__Host-${NAME}` : NAME;
}

/** The cookie's value; undefined where the browser sent none. */
export function readCookie({ headers }: IncomingMessage, options: CookieOptions): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const name = toName(options);
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** A session cookie: it lasts until the browser closes. The server ends the session on its own schedule. */
export function toCookie(value: string, options: CookieOptions): string {
  const where = options.isSecure ? 'Path=/; Secure' : 'Path=/admin';
  return `${toName(options)}=${value}; ${where}; HttpOnly; SameSite=Lax`;
}

export function toNoCookie(options: CookieOptions): string {
  return `${toCookie('', options)}; Max-Age=0`;
}
