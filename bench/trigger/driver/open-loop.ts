import type { Connection } from './connection';
import type { Exchanges } from './exchanges';
import { toPost } from './post';
import { createSockets } from './sockets';
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
 * Requests at a steady rate: a request that finds no socket free waits for one here. Each counts from the moment at which it
 * was due and signed. Whoever is not answered within three seconds has given up, as Slack does.
 */
export function runOpenLoop(order: OpenOrder, exchanges: Exchanges): Promise<OpenResult> {
  const { port, rate, seconds, from } = order;
  const count = Math.round(rate * seconds);
  const tally = createTally(count);
  const waiting: { index: number; post: Buffer }[] = [];
  const underway: Underway[] = [];
  const sockets = createSockets({ port, most: order.sockets, onFree: sendWaiting });
  exchanges.listen(
    (place, at) => tally.exchanged(place - from, at),
    (place) => tally.told(place - from),
  );

  function sendWaiting(): void {
    for (;;) {
      const next = waiting[0];
      const connection = next && sockets.take();
      if (next === undefined || connection === undefined) return;
      waiting.shift();
      const { index } = next;
      underway.push({ index, connection });
      connection.send(next.post, (answer) => {
        if (answer === undefined) return;
        tally.answered(index, answer);
        sockets.giveBack(connection);
        if (waiting.length > 0) sendWaiting();
      });
    }
  }

  /** Those at the front are the oldest. */
  function giveUp(now: number): void {
    const isOver = (index: number) => tally.isOlderThan(index, PATIENCE_MS, now);
    while (waiting[0] !== undefined && isOver(waiting[0].index)) waiting.shift();
    for (;;) {
      const [first] = underway;
      if (first === undefined) return;
      if (!tally.isAnswered(first.index)) {
        if (!isOver(first.index)) return;
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
      for (; due < target; due += 1) {
        tally.due(due, performance.now());
        waiting.push({ index: due, post: toPost(from + due, port, exchanges.port) });
      }
      sendWaiting();
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
