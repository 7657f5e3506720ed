interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  /** Ms; undefined: as long as the browser is open. */
  expiresAt: number | undefined;
}

export type CookieJar = ReturnType<typeof createCookieJar>;

/** As browsers keep them: by host and path, for all ports of a host. `Secure` ones, too, since all is on this machine. */
export function createCookieJar({ now }: { now: () => number }) {
  const cookies = new Map<string, Cookie>();

  function set(cookie: Cookie): void {
    const key = `${cookie.host} ${cookie.path} ${cookie.name}`;
    if (cookie.expiresAt !== undefined && cookie.expiresAt <= now()) cookies.delete(key);
    else cookies.set(key, cookie);
  }

  /** A `Set-Cookie` header of an answer from there. */
  function store(url: URL, header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const [name, value] = splitAtFirst(pair);
    if (name === '') return;
    const read = new Map(attributes.map(splitAtFirst).map(([key, text]) => [key.toLowerCase(), text]));
    const path = read.get('path') || url.pathname.replace(/\/[^/]*$/, '') || '/';
    set({ name, value, host: url.hostname, path, expiresAt: expiryOf(read) });
  }

  /** Max-Age counts before Expires. */
  function expiryOf(attributes: Map<string, string>): number | undefined {
    const maxAge = attributes.get('max-age');
    if (maxAge !== undefined) return now() + Number(maxAge) * 1000;
    const expires = Date.parse(attributes.get('expires') ?? '');
    return Number.isNaN(expires) ? undefined : expires;
  }

  /** The `Cookie` header for a request there; '' if there is none. */
  function headerFor(url: URL): string {
    return [...cookies.values()]
      .filter(({ host, path }) => host === url.hostname && isUnder(url.pathname, path))
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now())
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  return { set, store, headerFor };
}

function splitAtFirst(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at < 0 ? [pair, ''] : [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}

function isUnder(pathname: string, path: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}
