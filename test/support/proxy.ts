import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A host that nobody but the proxy finds: whatever goes past the proxy goes nowhere. */
export const HIDDEN = 'slack.invalid';

/** A proxy as companies have one: it tunnels, and knows where to. */
export async function startProxy(): Promise<{ url: string; targets: Set<string>; close(): void }> {
  const targets = new Set<string>();
  const server: Server = createServer().listen(0, '127.0.0.1');
  server.on('connect', (request, socket, head) => {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    targets.add(`${host}:${port}`);
    const way = connect(Number(port), host === HIDDEN ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      way.write(head);
      way.pipe(socket).pipe(way);
    });
    for (const end of [way, socket]) end.on('error', () => [way, socket].map((one) => one.destroy()));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
