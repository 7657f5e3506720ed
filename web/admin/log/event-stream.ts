import type { ServerResponse } from 'node:http';
import { PAGE_HEADERS } from '../headers';

/** A client that does not read is disconnected; the browser reconnects by itself. */
const MAX_UNREAD_BYTES = 1_000_000;

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface EventStream {
  send(message: string): void;
  /** Sends the reason, for the page to show. Nothing is sent after it. */
  end(why?: string): void;
  /** Runs when the stream ends, on either side; at once if it has ended. */
  onEnd(run: () => void): void;
}

export function openEventStream(response: ServerResponse): EventStream {
  let isEnded = false;
  const atEnd: (() => void)[] = [];
  response.writeHead(200, {
    ...PAGE_HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
  });
  const stream: EventStream = {
    send(message) {
      if (isEnded) return;
      response.write(message);
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    },
    end(why) {
      if (isEnded) return;
      isEnded = true;
      response.end(why === undefined ? undefined : toEvent('ended', why));
      for (const run of atEnd) run();
    },
    onEnd(run) {
      if (isEnded) run();
      else atEnd.push(run);
    },
  };
  response.once('close', () => stream.end());
  return stream;
}

export function toEvent(event: string, data: string, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
