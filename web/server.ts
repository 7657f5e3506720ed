import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CustomRoute } from '@slack/bolt';
import type { Logger } from '../services/logger';

/** Pages for browsers where no receiver serves them: in Socket Mode Slack needs no address of ours, people do. */
export function createWebServer({
  routes,
  port,
  host,
  logger,
}: {
  routes: CustomRoute[];
  port: number;
  /** Of this machine; all of its addresses unless told. */
  host?: string;
  logger: Logger;
}): { start(): Promise<Server>; stop(): Promise<void> } {
  const handlers = new Map(
    routes.flatMap(({ path, method, handler }) =>
      [method].flat().map((name) => [`${name.toUpperCase()} ${path}`, handler] as const),
    ),
  );

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const handler = handlers.get(`${request.method} ${request.url?.split('?')[0]}`);
    if (handler === undefined) return answer(response, 404, 'Not found.');
    try {
      await handler(request, response);
    } catch (error) {
      logger.error({ err: error }, 'request failed');
      answer(response, 500, 'This could not be handled.');
    }
  }

  const server = createServer((request, response) => void serve(request, response));

  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host }, () => resolve(server));
      }),
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(sentence);
}
