import type { ServerResponse } from 'node:http';
import { createLogger } from '../../services/logger';
import { createWebServer } from '../../web/server';
import { until } from '../support/until';

describe('a stop of the web server', () => {
  it('waits for what is under way, and not for its connection, which is kept open', async () => {
    const held: ServerResponse[] = [];
    const web = createWebServer({
      loadRoutes: async () => [],
      first: (_request, response) => held.push(response) > 0,
      port: 0,
      host: '127.0.0.1',
      logger: createLogger({ level: 'fatal', secrets: [] }),
    });
    const address = (await web.start()).address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const asked = fetch(`http://127.0.0.1:${port}/`);
    await until(() => held.length === 1);
    let isStopped = false;
    const stopping = web.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    held[0]?.end('done');
    expect(await (await asked).text()).toBe('done');
    await stopping;
  });
});
