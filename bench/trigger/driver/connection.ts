import { connect } from 'node:net';

/** What an app answered to a request. */
export interface Answer {
  status: number;
  /** The user is told something in it: where the app is busy, that it is. */
  hasText: boolean;
  at: number;
}

/** One socket to an app, kept alive: one request at a time. */
export interface Connection {
  /** `onAnswer` is told once; undefined where the socket was closed before. */
  send(post: Buffer, onAnswer: (answer: Answer | undefined) => void): void;
  close(): void;
}

/** A connection that is open; `onClose` where the app closes it. */
export function openConnection(port: number, onClose: () => void = () => {}): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let waiting: ((answer: Answer | undefined) => void) | undefined;
    let text = '';
    const settle = (answer: Answer | undefined) => {
      const tell = waiting;
      waiting = undefined;
      text = '';
      tell?.(answer);
    };
    socket.on('data', (chunk) => {
      const at = performance.now();
      text = text === '' ? chunk.toString('latin1') : text + chunk.toString('latin1');
      if (isWhole(text)) settle({ status: Number(text.slice(9, 12)), hasText: text.includes('"text"'), at });
    });
    socket.on('error', (error) => reject(error));
    socket.on('close', () => {
      settle(undefined);
      onClose();
    });
    socket.on('connect', () =>
      resolve({
        send(post, onAnswer) {
          waiting = onAnswer;
          if (socket.destroyed) settle(undefined);
          else socket.write(post);
        },
        close: () => socket.destroy(),
      }),
    );
  });
}

export function openConnections(port: number, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => openConnection(port)));
}

/** Whether an answer is complete; Bolt's has its body in chunks. */
function isWhole(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const head = text.slice(0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return text.length >= headEnd + 4 + Number(length);
  return text.endsWith('0\r\n\r\n');
}
