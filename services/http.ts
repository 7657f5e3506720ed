import type { Agent, Dispatcher } from 'undici';

type AgentOptions = ConstructorParameters<typeof Agent>[0];
type Request = (this: Dispatcher, options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

/** A server, kept apart from what is asked of it: an address is not to be read again for each call. */
export interface Server {
  origin: string;
  /** With a slash at its end, where it ends in one. */
  path: string;
}

/** Kept connections. */
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
  const agent = new CreateAgent(options);
  return {
    post: ({ origin, path }, call) => request.call(agent, { origin, path, method: 'POST', ...call }),
    onDisconnect(run) {
      agent.on('disconnect', run);
      return () => void agent.off('disconnect', run);
    },
    close: () => agent.close(),
  };
}
