import type { Connection } from './connection';
import type { Exchanges } from './exchanges';
import { toPost } from './post';
import { openSockets } from './sockets';
import { createTally, PATIENCE_MS, type TallyResult } from './tally';
import { watchDriver } from './watch';

const TICK_MS = 1;

export interface OpenOrder {
  port: number;
  /** Requests a second, whatever becomes of them. */
  rate: number;
  seconds: number;
  sockets: number;
  from: number;
}

export interface OpenResult extends TallyResult {
  driver: { cpuShare: number; busyShare: number; lagP99Ms: number };
}

interface Underway {
  index: number;
  connection: Connection;
}

/**
 * Requests at a steady rate, as Slack sends them: each at once, or, where every socket is taken, not at all. Whoever is not
 * answered within three seconds has given up.
 */
export async function runOpenLoop(order: OpenOrder, exchanges: Exchanges): Promise<OpenResult> {
  const { port, rate, seconds, from } = order;
  const count = Math.round(rate * seconds);
  const tally = createTally(count);
  const underway: Underway[] = [];
  const sockets = await openSockets(port, order.sockets);
  exchanges.listen(
    (place, at) => tally.exchanged(place - from, at),
    (place) => tally.told(place - from),
  );

  function send(index: number): void {
    const connection = sockets.take();
    if (connection === undefined) {
      tally.unsent(index);
      return;
    }
    tally.sent(index, performance.now());
    underway.push({ index, connection });
    connection.send(toPost(from + index, port, exchanges.port), (answer) => {
      // Closed by the app, or given up here.
      if (answer === undefined) return;
      tally.answered(index, answer);
      sockets.giveBack(connection);
    });
  }

  /** Those at the front are the oldest. */
  function giveUp(now: number): void {
    for (;;) {
      const [first] = underway;
      if (first === undefined) return;
      if (!tally.isAnswered(first.index)) {
        if (!tally.isOlderThan(first.index, PATIENCE_MS, now)) return;
        first.connection.close();
      }
      underway.shift();
    }
  }

  return new Promise((resolve) => {
    const began = performance.now();
    const readDriver = watchDriver();
    let driver: OpenResult['driver'] | undefined;
    let due = 0;
    const tick = () => {
      const now = performance.now();
      const target = Math.min(count, Math.floor(((now - began) / 1_000) * rate) + 1);
      for (; due < target; due += 1) send(due);
      giveUp(now);
      if (now < began + seconds * 1_000) return void setTimeout(tick, TICK_MS);
      driver ??= readDriver();
      if (now < began + seconds * 1_000 + PATIENCE_MS + 100 && !tally.isComplete())
        return void setTimeout(tick, TICK_MS);
      sockets.close();
      for (const { connection } of underway) connection.close();
      resolve({ ...tally.read(), driver });
    };
    tick();
  });
}
