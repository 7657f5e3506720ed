import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Contender } from '../events/contender';
import { type Program, startProgram } from '../program';

const START_TIMEOUT_MS = 20_000;
const ORDER_TIMEOUT_MS = 120_000;
/** At rest: it takes no more than a tick of its clock in so long. */
const REST_MS = 100;
const REST_SECONDS = 0.015;
const MOST_RESTS = 30;
/** Timers that came due while it stood still. */
const THAW_MS = 50;

const driverSchema = z.object({ cpuShare: z.number(), busyShare: z.number(), lagP99Ms: z.number() });
/** JSON has no NaN. */
const msSchema = z.number().nullable();

const burstsSchema = z.object({
  latenciesMs: z.array(z.number()),
  seconds: z.number(),
  refused: z.number(),
  driver: driverSchema,
});

const openSchema = z.object({
  offered: z.number(),
  unsent: z.number(),
  served: z.number(),
  refused: z.number(),
  toldLater: z.number(),
  silent: z.number(),
  unanswered: z.number(),
  contradicted: z.number(),
  medianMs: msSchema,
  p99Ms: msSchema,
  answerMedianMs: msSchema,
  answerP99Ms: msSchema,
  driver: driverSchema,
});

export type OpenLoop = z.infer<typeof openSchema>;

interface Bursts {
  size: number;
  count: number;
  warmUp: number;
  pauseMs?: number;
}

/** What a series of bursts came to. */
export interface Series extends z.infer<typeof burstsSchema> {
  aSecond: number;
  cpuUs: number;
}

/** The process that plays Slack, and sends. */
export interface Load {
  slackPort: number;
  /** Throws where answers or exchanges do not come. */
  burst(contender: Contender, series: Bursts): Promise<Series>;
  /** So many a second, whatever becomes of them. */
  open(contender: Contender, load: { rate: number; seconds: number; sockets: number }): Promise<OpenLoop>;
  end(): Promise<void>;
}

export async function startLoad(): Promise<Load> {
  const program: Program = startProgram('trigger/driver.js', []);
  const { port: slackPort } = await program.next(z.object({ port: z.number() }), START_TIMEOUT_MS);
  let from = 0;

  async function ask<T>(order: object, schema: z.ZodType<T>): Promise<T> {
    const answer = await program.ask(
      order,
      z.union([z.object({ failed: z.string() }), schema]),
      ORDER_TIMEOUT_MS,
    );
    if (typeof answer === 'object' && answer !== null && 'failed' in answer)
      throw new Error(`the load was not sent: ${answer.failed}`);
    return schema.parse(answer);
  }

  return {
    slackPort,
    async burst(contender, { size, count, warmUp, pauseMs = 0 }) {
      const cpuBefore = contender.readCpu() ?? Number.NaN;
      const order = { run: 'bursts', port: contender.port, size, count, warmUp, pauseMs, from };
      from += size * (count + warmUp);
      const series = await ask(order, burstsSchema);
      const cpuAfter = await settle(contender);
      return {
        ...series,
        aSecond: (size * count) / series.seconds,
        cpuUs: ((cpuAfter - cpuBefore) / (size * (count + warmUp))) * 1e6,
      };
    },
    async open(contender, { rate, seconds, sockets }) {
      const order = { run: 'open loop', port: contender.port, rate, seconds, sockets, from };
      from += Math.round(rate * seconds);
      return ask(order, openSchema);
    },
    end: () => program.end(),
  };
}

/** Waits until it rests: what is recorded after an exchange counts for the request. Answers with its processor time. */
async function settle(contender: Contender): Promise<number> {
  let before = contender.readCpu() ?? Number.NaN;
  for (let number = 0; number < MOST_RESTS; number += 1) {
    await sleep(REST_MS);
    const now = contender.readCpu() ?? Number.NaN;
    if (!(now - before > REST_SECONDS)) return now;
    before = now;
  }
  return before;
}

/** Runs while no other contender does. */
export async function alone<T>(
  contender: Contender,
  contenders: Iterable<Contender>,
  run: () => Promise<T>,
): Promise<T> {
  for (const other of contenders) if (other !== contender) other.freeze();
  contender.thaw();
  await sleep(THAW_MS);
  return run();
}
