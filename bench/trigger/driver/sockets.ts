import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, openConnection } from './connection';

/** So many connections to an app, open from the first moment on; one that is closed is opened again. */
export interface Sockets {
  /** One that is free, or undefined. */
  take(): Connection | undefined;
  giveBack(connection: Connection): void;
  close(): void;
}

const AT_ONCE = 100;
const TAKE_IN_MS = 500;

export async function openSockets(port: number, count: number): Promise<Sockets> {
  // The one that was used last is used next: those that are not needed become idle, and the app may close them.
  let free: Connection[] = [];
  let isClosed = false;

  async function open(): Promise<void> {
    const connection: Connection = await openConnection(port, () => {
      free = free.filter((one) => one !== connection);
      // Where the app takes none any more, there are fewer.
      if (!isClosed) open().catch(() => {});
    });
    if (isClosed) connection.close();
    else free.push(connection);
  }

  // As many as no system drops.
  for (let left = count; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, open));
  // Node takes in one connection each turn of its event loop: under load, that takes seconds.
  await sleep(TAKE_IN_MS);
  return {
    take: () => free.pop(),
    giveBack: (connection) => void free.push(connection),
    close() {
      isClosed = true;
      for (const connection of free) connection.close();
    },
  };
}
