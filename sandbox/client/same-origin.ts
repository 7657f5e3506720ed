import type { IncomingMessage } from 'node:http';

/**
 * Only the sandbox's own page may act for its people: another site that is open in the same browser could
 * otherwise press buttons here. The Host is looked at, too, so that a foreign name that resolves to this machine
 * is not taken for ours.
 */
export function isSameOrigin(req: IncomingMessage, sandboxUrl: string): boolean {
  const { port } = new URL(sandboxUrl);
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(req.headers.host ?? '')) return false;
  const { origin } = req.headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return false;
  const site = req.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
