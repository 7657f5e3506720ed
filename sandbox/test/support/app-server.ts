import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AppRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** A form's fields. */
  form: Record<string, string>;
  /** An interaction's or event's payload. */
  payload: Record<string, unknown>;
}

/** What the app does with a request; nothing returned: 200 with no body. 'hang': no answer; 'reset': the socket dies. */
export type AppAnswer = { status?: number; body?: unknown; text?: string } | 'hang' | 'reset' | undefined;

export interface AppServer {
  url: string;
  requests: AppRequest[];
  onRequest(answer: (request: AppRequest) => AppAnswer | Promise<AppAnswer>): void;
  close(): Promise<void>;
}

/** The app's side: a bare node:http server that keeps what it got. */
export async function startAppServer(): Promise<AppServer> {
  const requests: AppRequest[] = [];
  let answerTo: (request: AppRequest) => AppAnswer | Promise<AppAnswer> = () => undefined;

  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const isJson = req.headers['content-type'] === 'application/json';
    const form = isJson ? {} : Object.fromEntries(new URLSearchParams(body));
    const payload = isJson ? JSON.parse(body) : form.payload ? JSON.parse(form.payload) : {};
    const request = {
      method: req.method ?? '',
      path: req.url ?? '',
      headers: req.headers,
      body,
      form,
      payload,
    };
    requests.push(request);
    const answer = await answerTo(request);
    if (answer === 'hang') return;
    if (answer === 'reset') {
      res.destroy();
      return;
    }
    const isBodyJson = answer?.body !== undefined;
    res.writeHead(answer?.status ?? 200, isBodyJson ? { 'content-type': 'application/json' } : {});
    res.end(isBodyJson ? JSON.stringify(answer.body) : (answer?.text ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/slack/events`,
    requests,
    onRequest: (answer) => {
      answerTo = answer;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
