import type { IncomingMessage } from 'node:http';

/**
 * Only the sandbox's own page may act for its people: another site that is open in the same browser could
 * otherwise press buttons here. The Host is looked at, too, so that a foreign name that resolves to this machine
 * is not taken for ours. Names under `localhost` lead nowhere else.
 */
export function isSameOrigin(req: IncomingMessage, sandboxUrl: string): boolean {
  const { port } = new URL(sandboxUrl);
  const isHere = (host: string) =>
    host === `127.0.0.1:${port}` || host === `localhost:${port}` || host.endsWith(`.localhost:${port}`);
  if (!isHere(req.headers.host ?? '')) return false;
  const { origin } = req.headers;
  if (origin !== undefined && !(origin.startsWith('http://') && isHere(origin.slice('http://'.length))))
    return false;
  const site = req.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
