import { connect, createServer, type Socket } from 'node:net';

/** Between the app and PostgreSQL: it can stop forwarding without closing anything, as a lost route does. */
export interface StallingProxy {
  /** The same database, by way of the proxy. */
  url: string;
  /** Those that are open now forward nothing more. */
  stallOpen(): void;
  /** The next connection that sends this text forwards nothing more, that text included. */
  stallAt(text: string): void;
  /** Whether one has sent it. */
  hasStalled(): boolean;
  /** Nor do new ones. */
  stallAll(): void;
  close(): void;
}

export async function startStallingProxy(databaseUrl: string): Promise<StallingProxy> {
  const target = new URL(databaseUrl);
  const open = new Map<Socket, { other: Socket; stall: () => void }>();
  let isStalled = false;
  let stallText: string | undefined;

  const server = createServer((own) => {
    const other = connect(Number(target.port || 5432), target.hostname);
    let isOpen = !isStalled;
    const stall = () => {
      isOpen = false;
    };
    open.set(own, { other, stall });
    own.on('data', (data) => {
      if (stallText !== undefined && data.includes(stallText)) {
        stallText = undefined;
        stall();
      }
      if (isOpen) other.write(data);
    });
    other.on('data', (data) => void (isOpen && own.write(data)));
    own.on('error', () => {}).on('close', () => isOpen && other.destroy());
    other.on('error', () => {}).on('close', () => isOpen && own.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : '');
  return {
    url: url.href,
    stallOpen() {
      for (const { stall } of open.values()) stall();
    },
    stallAt(text) {
      stallText = text;
    },
    hasStalled: () => stallText === undefined,
    stallAll() {
      isStalled = true;
      for (const { stall } of open.values()) stall();
    },
    close() {
      server.close();
      for (const [own, { other }] of open) {
        own.destroy();
        other.destroy();
      }
    },
  };
}
