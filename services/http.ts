import type { Agent, Dispatcher } from 'undici';

type AgentOptions = ConstructorParameters<typeof Agent>[0];
type Request = (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

/** A server, kept apart from what is asked of it: an address is not to be read again for each call. */
export interface Server {
  origin: string;
  /** With a slash at its end, where it ends in one. */
  path: string;
}

/** Slack's longest pages have a hundredth of it. An answer without an end must not fill the memory. */
export const LONGEST_ANSWER_BYTES = 16 * 1024 * 1024;

/** Kept connections. An answer that is longer than `LONGEST_ANSWER_BYTES` fails the call. */
export interface Connections {
  post(
    to: Server,
    call: {
      headers?: Record<string, string>;
      body?: string | Buffer;
      signal?: Dispatcher.RequestOptions['signal'];
      headersTimeout?: number;
      bodyTimeout?: number;
    },
  ): Promise<Dispatcher.ResponseData>;
  /** Whenever one has been closed by the other side. Answers with what stops that. */
  onDisconnect(run: () => void): () => void;
  close(): Promise<void>;
}

export function toServer(url: string): Server {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

export function openConnections(options: AgentOptions = {}): Connections {
  // The client alone: undici as a whole brings fetch, caches and web sockets, and takes 50 ms more of each start.
  const CreateAgent: typeof Agent = require('undici/lib/dispatcher/agent.js');
  const request: Request = require('undici/lib/api/api-request.js');
  const agent = new CreateAgent({ maxResponseSize: LONGEST_ANSWER_BYTES, ...options });
  return {
    post: ({ origin, path }, call) => request.call(agent, { origin, path, method: 'POST', ...call }),
    onDisconnect(run) {
      agent.on('disconnect', run);
      return () => void agent.off('disconnect', run);
    },
    close: () => agent.close(),
  };
}

/** Whether a call failed because its answer was longer than `LONGEST_ANSWER_BYTES`. */
export function isTooLong(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

/** The text of an answer that `fetch` brought. Throws where it is too long. */
export async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > LONGEST_ANSWER_BYTES) throw new Error('the answer is longer than any of Slack’s');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** `fetch` for Slack's own clients: the answer is read whole, and no longer one than Slack sends. */
export const fetchBounded: typeof fetch = async (url, init) => {
  const response = await fetch(url, init);
  const { status, statusText, headers } = response;
  const text = await readText(response);
  return new Response(text === '' ? null : text, { status, statusText, headers });
};
