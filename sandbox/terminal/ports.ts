import { createServer } from 'node:net';

const TRIES = 50;

/** The first port from `start` on that nothing listens on; undefined where there is none near. */
export async function findFreePort(start: number): Promise<number | undefined> {
  for (let port = start; port < start + TRIES && port <= 65_535; port += 1) {
    if (await isFree(port)) return port;
  }
  return undefined;
}

/** Asked on all addresses, since the app listens on all of them. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
