import { Pool } from 'undici';
import { sign } from '../events/body';

const CONNECTIONS = 64;
/** When Slack gives an answer up. */
const PATIENCE_MS = 3_000;

export interface Answer {
  /** Undefined: there was none in time. */
  status: number | undefined;
  text: string;
  tookMs: number;
}

/** Signed posts to the app, as Slack makes them. */
export interface Poster {
  post(body: string, type: 'form' | 'json'): Promise<Answer>;
  close(): Promise<void>;
}

const CONTENT_TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' };

export function createPoster(port: number): Poster {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS, pipelining: 1 });
  return {
    async post(body, type) {
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const began = performance.now();
      try {
        const response = await pool.request({
          path: '/slack/events',
          method: 'POST',
          headers: {
            'content-type': CONTENT_TYPES[type],
            'x-slack-request-timestamp': String(nowSeconds),
            'x-slack-signature': sign(body, nowSeconds),
          },
          body,
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        const text = await response.body.text();
        return { status: response.statusCode, text, tookMs: performance.now() - began };
      } catch {
        return { status: undefined, text: '', tookMs: performance.now() - began };
      }
    },
    close: () => pool.close(),
  };
}
