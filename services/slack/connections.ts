import type { Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { ProxySettings } from '../config/config';

/** A server, apart from what is asked of it: parsing the address once spares each call some µs. */
export interface ServerAddress {
  origin: string;
  /** With a slash at its end, where it ends in one. */
  path: string;
}

/** A hundred times Slack's longest pages. An endless answer must not fill the memory. */
export const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

export function toServerAddress(url: string): ServerAddress {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

type Call = Pick<Dispatcher.RequestOptions, 'body' | 'signal' | 'headersTimeout' | 'bodyTimeout'> & {
  headers?: Record<string, string>;
};

export type Connections = ReturnType<typeof openConnections>;

/** Connections that are kept alive. An answer that is longer than `MAX_RESPONSE_BYTES` fails the call. */
export function openConnections(proxy: ProxySettings, options?: EnvHttpProxyAgent.Options) {
  const dispatcher = openDispatcher(proxy, { maxResponseSize: MAX_RESPONSE_BYTES, ...options });
  return {
    post: ({ origin, path }: ServerAddress, call: Call): Promise<Dispatcher.ResponseData> =>
      dispatcher.request({ origin, path, method: 'POST', ...call }),
    /** Runs it whenever the other side has closed a connection. Returns what stops that. */
    onDisconnect(run: () => void): () => void {
      dispatcher.on('disconnect', run);
      return () => void dispatcher.off('disconnect', run);
    },
    close: (): Promise<void> => dispatcher.close(),
  };
}

/** Whether a call failed because its answer was longer than `MAX_RESPONSE_BYTES`. */
export function isResponseTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

/** Goes by the proxy where there is one, except for hosts in `NO_PROXY`. */
export function openDispatcher(proxy: ProxySettings, options: EnvHttpProxyAgent.Options): Dispatcher {
  // Loaded here: it takes 95 ms of the processor, a quarter more for a command of the CLI that calls nobody.
  const { Agent, EnvHttpProxyAgent }: typeof import('undici') = require('undici');
  return proxy === undefined ? new Agent(options) : new EnvHttpProxyAgent({ ...proxy, ...options });
}

/** `fetch` for Slack's own clients, which only post. */
export function createFetch(
  proxy: ProxySettings,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  const connections = openConnections(proxy);
  return async (url, { headers, body, signal } = {}) => {
    const answer = await connections.post(toServerAddress(String(url)), {
      headers: Object.fromEntries(new Headers(headers)),
      body: Buffer.from(await new Response(body).arrayBuffer()),
      signal,
    });
    const text = await answer.body.text();
    return new Response(text === '' ? null : text, {
      status: answer.statusCode,
      headers: Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)]),
    });
  };
}
