import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OauthApp {
  /** What the sandbox is told as the app's redirect URL. */
  redirectUrl: string;
  /** The queries that the browser was sent back with. */
  callbacks: URLSearchParams[];
  close(): Promise<void>;
}

/** The app's side of a consent: a page that keeps what it is called with. */
export async function startOauthApp(): Promise<OauthApp> {
  const callbacks: URLSearchParams[] = [];
  const server = createServer((req, res) => {
    const { searchParams } = new URL(req.url ?? '/', 'http://app.invalid');
    callbacks.push(searchParams);
    res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Back at the app</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    redirectUrl: `http://127.0.0.1:${port}/slack/oauth_redirect`,
    callbacks,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
