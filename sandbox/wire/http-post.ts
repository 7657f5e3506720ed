import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { SandboxClock } from '../types';

const ANSWER_BYTES_READ = 1_048_576;

export type PostOutcome =
  | {
      status: number;
      body: string;
      /** The app asks not to be sent it again. */
      noRetry?: boolean;
    }
  /** Slack's names for it, as in `X-Slack-Retry-Reason`. */
  | { failed: 'http_timeout' | 'connection_failed' };

interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  clock: SandboxClock;
  timeoutMs: number;
  /** Gives the post up, as if the connection had broken. */
  signal: AbortSignal;
}

/**
 * One post on a connection of its own: on a kept connection a reset would leave open whether the app had read it,
 * and sending again would break the promise that a command is posted once.
 */
export function httpPost({ url, headers, body, clock, timeoutMs, signal }: Post): Promise<PostOutcome> {
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const bytes = Buffer.from(body, 'utf8');
    const req = request(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { ...headers, 'Content-Length': String(bytes.length) },
    });
    const timer = clock.setTimeout(() => finish({ failed: 'http_timeout' }), timeoutMs);

    function finish(outcome: PostOutcome): void {
      timer.cancel();
      resolve(outcome);
      req.destroy();
    }

    req.on('error', () => finish({ failed: 'connection_failed' }));
    req.on('response', (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk: string) => {
        if (text.length < ANSWER_BYTES_READ) text += chunk;
      });
      res.on('end', () =>
        finish({
          status: res.statusCode ?? 0,
          body: text,
          noRetry: res.headers['x-slack-no-retry'] === '1',
        }),
      );
      res.on('error', () => finish({ failed: 'connection_failed' }));
    });
    req.end(bytes);
  });
}
