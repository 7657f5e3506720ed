import { type Connection, openConnection } from './connection';

/** Up to so many connections to an app, opened when they are needed. */
export interface Sockets {
  /** One that is free, or undefined; where one can be opened, `onFree` is told when it is. */
  take(): Connection | undefined;
  giveBack(connection: Connection): void;
  close(): void;
}

export function createSockets({
  port,
  most,
  onFree,
}: {
  port: number;
  most: number;
  onFree: () => void;
}): Sockets {
  // The one that was used last is used next: those that are not needed become idle, and the app may close them.
  let free: Connection[] = [];
  let count = 0;
  let isClosed = false;

  async function open(): Promise<void> {
    count += 1;
    try {
      const connection: Connection = await openConnection(port, () => {
        count -= 1;
        free = free.filter((one) => one !== connection);
      });
      free.push(connection);
      if (isClosed) connection.close();
      else onFree();
    } catch {
      count -= 1;
    }
  }

  return {
    take() {
      const connection = free.pop();
      if (connection === undefined && count < most) void open();
      return connection;
    },
    giveBack(connection) {
      free.push(connection);
    },
    close() {
      isClosed = true;
      for (const connection of [...free]) connection.close();
    },
  };
}
