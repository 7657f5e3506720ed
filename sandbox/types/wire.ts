import type { JsonObject } from './json';

export interface ApiCall {
  method: string;
  /** Values that came as JSON objects are JSON text here. */
  args: Record<string, string>;
  headers: Record<string, string>;
  contentType: string | undefined;
  /** When it arrived, ms on the sandbox's clock. */
  at: number;
  /** How old its trigger was then, ms; undefined for calls without one. */
  triggerAgeMs?: number;
  /** What was answered: parsed JSON, or text. Undefined while (or for ever if) there is no answer. */
  answer: unknown;
  /** 0: no answer (yet). */
  status: number;
  httpMethod: string;
}

export interface Delivery {
  kind: 'command' | 'interaction' | 'event';
  /** Signed post, or a message of Socket Mode. */
  transport: 'http' | 'socket';
  /** The exact text that was sent: signed by HTTP, an envelope by socket. */
  body: string;
  payload: JsonObject;
  /** None by socket. */
  headers: Record<string, string>;
  /** 1 for the first post, 2 to 4 for an event's retries (`X-Slack-Retry-Num` or `retry_attempt` is one less). */
  attempt: number;
  /** Undefined: no answer. */
  status: number | undefined;
  responseBody: string;
  /** Why there was no answer in time: `http_timeout`, `connection_failed`; or `http_error` for a status that is not 2xx. */
  error?: string;
  /** The app answered with `X-Slack-No-Retry: 1`: an event is not sent again. */
  noRetry?: true;
  durationMs: number;
  /** When it was sent, ms on the sandbox's clock. */
  at: number;
}

export interface Faults {
  /** The next `times` calls of the method (default 1) get this answer. Queued: called twice, both come, in order. */
  answerNext(method: string, answer: Answer, times?: number): void;
  /** Every call gets it, after what is queued; undefined ends that. */
  answerAlways(method: string, answer: Answer | undefined): void;
  /** As if the network had failed: every connection to Slack breaks at once, idle ones too. New ones can be made. */
  dropConnections(): void;
}

/**
 * An answer that takes the place of the method's own. With neither `body`, `text`, `status`, `hang: true` nor
 * `reset: true`, the method's own answer is sent, with these `headers` and after `delayMs`.
 */
export interface Answer {
  /** JSON. */
  body?: unknown;
  /** Raw, such as HTML. */
  text?: string;
  status?: number;
  headers?: Record<string, string>;
  /** Waits this long, on the clock, before the method runs; with `afterEffect`, between running it and answering. */
  delayMs?: number;
  /** Never answers; `midway`: sends the headers and the first half of an answer, and never the rest. */
  hang?: true | 'midway';
  /** The socket is destroyed; `midway`: after the headers and the first half of an answer. */
  reset?: true | 'midway';
  /** The body goes on and on, until the caller closes the connection. */
  endless?: true;
  /** The real method runs (the modal is shown), and then this answer is sent instead. */
  afterEffect?: true;
}
