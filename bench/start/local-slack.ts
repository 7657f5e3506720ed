import { createServer } from 'node:http';

const REQUEST = '/apps.permissions.users.request';

/** Slack's part while an app starts: it knows the token, lists nobody, and takes every prompt. */
export interface LocalSlack {
  apiUrl: string;
  /** Resolves with the time (`performance.now()`) at which the next prompt is asked for. */
  nextPromptAt(): Promise<number>;
  close(): Promise<void>;
}

const answers: Readonly<Record<string, object>> = {
  '/auth.test': { team: 'Bench', team_id: 'T0BENCH', user_id: 'U0BOT', bot_id: 'B0BOT' },
  '/apps.permissions.users.list': { resources: [], response_metadata: { next_cursor: '' } },
};

export async function startLocalSlack(): Promise<LocalSlack> {
  let onPrompt = (_at: number) => {};
  const server = createServer((request, response) => {
    const method = (request.url ?? '').replace('/api', '');
    if (method === REQUEST) onPrompt(performance.now());
    request.resume();
    request.on('end', () => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ ok: true, ...answers[method] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    nextPromptAt: () =>
      new Promise((resolve) => {
        onPrompt = resolve;
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
