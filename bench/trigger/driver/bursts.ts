import { setTimeout as sleep } from 'node:timers/promises';
import { openConnections } from './connection';
import type { Exchanges } from './exchanges';
import { toPost } from './post';
import { watchDriver } from './watch';

const BURST_TIMEOUT_MS = 20_000;

export interface BurstOrder {
  port: number;
  /** Requests at once. */
  size: number;
  count: number;
  /** Bursts before those that are measured: they open the contender's connections to Slack. */
  warmUp: number;
  /** After each burst. */
  pauseMs: number;
  /** The place of the first request. */
  from: number;
}

export interface BurstResult {
  /** From writing a request to the arrival of its exchange. */
  latenciesMs: number[];
  /** From the first write to the last exchange and answer, of all bursts together. */
  seconds: number;
  /** Answered in words, without an exchange. */
  refused: number;
  /** Of this process, while bursts were under way and between them. */
  driver: { cpuShare: number; busyShare: number; lagP99Ms: number };
}

/** Bursts one after the other: the next one when all answers and all exchanges of the one before have come. */
export async function runBursts(
  { port, size, count, warmUp, pauseMs, from }: BurstOrder,
  exchanges: Exchanges,
): Promise<BurstResult> {
  const connections = await openConnections(port, size);
  const latenciesMs: number[] = [];
  let refused = 0;
  let next = from;

  function run(): Promise<number> {
    const first = next;
    next += size;
    // Signed just now: a trigger that is older than three seconds is not used up any more.
    const posts = Array.from({ length: size }, (_, index) => toPost(first + index, port, exchanges.port));
    const sentAt = new Float64Array(size);
    let missing = 2 * size;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${missing} answers and exchanges of a burst of ${size} did not come`)),
        BURST_TIMEOUT_MS,
      );
      const settle = (number: number) => {
        missing -= number;
        if (missing > 0) return;
        clearTimeout(timer);
        resolve(performance.now() - (sentAt[0] ?? 0));
      };
      exchanges.listen((place, at) => {
        const began = sentAt[place - first];
        // Of a series before this one.
        if (began === undefined) return;
        latenciesMs.push(at - began);
        settle(1);
      });
      for (const [index, connection] of connections.entries()) {
        const post = posts[index];
        if (post === undefined) continue;
        sentAt[index] = performance.now();
        connection.send(post, (answer) => {
          if (answer?.status === 200 && !answer.hasText) return settle(1);
          if (answer?.status !== 200 && answer?.status !== 503) {
            clearTimeout(timer);
            return reject(
              new Error(`a request was answered with ${answer?.status ?? 'a closed connection'}`),
            );
          }
          refused += 1;
          settle(2);
        });
      }
    });
  }

  async function runAndPause(): Promise<number> {
    const tookMs = await run();
    if (pauseMs > 0) await sleep(pauseMs);
    return tookMs;
  }

  try {
    for (let number = 0; number < warmUp; number += 1) await runAndPause();
    latenciesMs.length = 0;
    refused = 0;
    const readDriver = watchDriver();
    let tookMs = 0;
    for (let number = 0; number < count; number += 1) tookMs += await runAndPause();
    return { latenciesMs, seconds: tookMs / 1_000, refused, driver: readDriver() };
  } finally {
    for (const connection of connections) connection.close();
  }
}
