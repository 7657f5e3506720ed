import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readLog } from './app';
import { toEventId } from './events/body';
import { type Contender, startListening, startPlainBolt, startProduct } from './events/contender';
import { inFolder } from './folder';
import { median, round } from './numbers';
import { type Program, startProgram } from './program';
import { printTable, say } from './table';

const ROUNDS = 6;
const SECONDS = 10;
const WARM_UP_EVENTS = 20_000;
const FEW_EVENTS = 60;
const SYNCS = 300;
const GOAL = 0.8;
const NEEDED_BYTES = 4e9;
const FEW_BYTES = 1e7;
const ROUND_TIMEOUT_MS = 120_000;

const sentSchema = z.object({
  seconds: z.number(),
  unacknowledged: z.array(z.string()),
  loadCpuSeconds: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

/** What one round of one contender came to. */
interface Round {
  aSecond: number;
  cpuUs: number | undefined;
  loadCpuShare: number;
  p50Ms: number;
  p99Ms: number;
}

/** Events a second that the app acknowledges after committing them, against a plain Bolt app that stores nothing. */
export async function benchEvents({
  tiny = false,
  rounds = tiny ? 1 : ROUNDS,
  seconds = SECONDS,
}: {
  tiny?: boolean | undefined;
  rounds?: number | undefined;
  seconds?: number | undefined;
}): Promise<void> {
  await inFolder(tiny ? FEW_BYTES : NEEDED_BYTES, async (folder) => {
    const programs: Program[] = [];
    try {
      const slack = await startListening('events/slack.js');
      programs.push(slack.program);
      const load = startProgram('events/load.js', []);
      programs.push(load);
      await load.next(z.object({ ready: z.literal(true) }), ROUND_TIMEOUT_MS);
      const databasePath = join(folder, 'scopekeeper.db');
      const product = await startProduct({ databasePath, slackPort: slack.port });
      programs.push(product.program);
      const plain = await startPlainBolt();
      programs.push(plain.program);

      measureSync(folder);
      const sender = createSender(load);
      const lengths = tiny ? { warmUp: FEW_EVENTS, seconds: 0 } : { warmUp: WARM_UP_EVENTS, seconds };
      print(await measure(sender, { product, plain, rounds, ...lengths }));
      const { messages } = await slack.program.ask({}, z.object({ messages: z.number() }), ROUND_TIMEOUT_MS);
      say(`${messages} users were told meanwhile`);
      // Killed, it cannot tidy up: what was acknowledged must be there already.
      await product.program.end();
      await checkLog(`file:${databasePath}`, sender.acknowledged(product));
    } finally {
      for (const program of programs) await program.end();
    }
  });
}

interface Sender {
  send(contender: Contender, count: number): Promise<Round>;
  /** The ids of all events that this contender acknowledged. */
  acknowledged(contender: Contender): ReadonlySet<string>;
}

function createSender(load: Program): Sender {
  const acknowledged = new Map<Contender, Set<string>>();
  let from = 0;
  return {
    async send(contender, count) {
      const cpuBefore = contender.readCpu();
      const sent = await load.ask({ port: contender.port, from, count }, sentSchema, ROUND_TIMEOUT_MS);
      const cpuAfter = contender.readCpu();
      const ids = acknowledged.get(contender) ?? new Set();
      acknowledged.set(contender, ids);
      const missing = new Set(sent.unacknowledged);
      for (let place = from; place < from + count; place += 1) {
        if (!missing.has(toEventId(place))) ids.add(toEventId(place));
      }
      from += count;
      return {
        aSecond: (count - missing.size) / sent.seconds,
        cpuUs:
          cpuBefore === undefined || cpuAfter === undefined
            ? undefined
            : ((cpuAfter - cpuBefore) / count) * 1e6,
        loadCpuShare: sent.loadCpuSeconds / sent.seconds,
        p50Ms: sent.p50Ms,
        p99Ms: sent.p99Ms,
      };
    },
    acknowledged: (contender) => acknowledged.get(contender) ?? new Set(),
  };
}

/** A round of the one, a round of the other; while one is measured, the other stands still. */
async function measure(
  sender: Sender,
  {
    product,
    plain,
    rounds,
    warmUp,
    seconds,
  }: { product: Contender; plain: Contender; rounds: number; warmUp: number; seconds: number },
): Promise<{ product: Round; plain: Round }[]> {
  const contenders = [product, plain];
  const alone = async (contender: Contender, count: number): Promise<Round> => {
    for (const one of contenders) if (one !== contender) one.freeze();
    contender.thaw();
    return sender.send(contender, count);
  };
  const counts = new Map<Contender, number>();
  for (const contender of contenders) {
    await alone(contender, warmUp);
    const { aSecond } = await alone(contender, warmUp);
    counts.set(contender, Math.max(warmUp, Math.ceil(aSecond * seconds)));
  }
  const run = (contender: Contender) => alone(contender, counts.get(contender) ?? warmUp);
  const measured: { product: Round; plain: Round }[] = [];
  for (let number = 0; number < rounds; number += 1) {
    const early = number % 2 === 0 ? await run(product) : undefined;
    const bare = await run(plain);
    measured.push({ product: early ?? (await run(product)), plain: bare });
    say(`round ${number + 1} of ${rounds} done`);
  }
  return measured;
}

function print(measured: readonly { product: Round; plain: Round }[]): void {
  const ratio = round(median(measured.map(({ product, plain }) => product.aSecond / plain.aSecond)));
  const rows = (['product', 'plain'] as const).map((name) => {
    const own = measured.map((one) => one[name]);
    const middle = (read: (one: Round) => number | undefined) =>
      median(own.map((one) => read(one) ?? Number.NaN));
    return {
      app: name === 'product' ? 'Scopekeeper' : 'plain Bolt',
      events_a_second: Math.round(middle((one) => one.aSecond)),
      cpu_us_an_event: Math.round(middle((one) => one.cpuUs)),
      p50_ms: round(middle((one) => one.p50Ms)),
      p99_ms: round(middle((one) => one.p99Ms)),
      load_cpu_share: round(middle((one) => one.loadCpuShare)),
    };
  });
  printTable(
    `Events acknowledged, 50 connections: median of ${measured.length} rounds; ratio ${ratio} (goal: at least ${GOAL}) ${ratio >= GOAL ? 'met' : 'missed'}`,
    ['app', 'events a second', 'processor µs an event', 'p50 ms', 'p99 ms', 'load: share of a core'],
    rows.map((row) => [
      row.app,
      row.events_a_second,
      row.cpu_us_an_event,
      row.p50_ms,
      row.p99_ms,
      row.load_cpu_share,
    ]),
  );
  say(
    `ratios of the rounds: ${measured.map((one) => round(one.product.aSecond / one.plain.aSecond)).join(' ')}`,
  );
}

/** How long this disk takes to make a page of 4 KB durable: every commit waits for it. */
function measureSync(folder: string): void {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(4_096, 1);
  const times = Array.from({ length: SYNCS }, () => {
    const began = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  say(`the disk takes ${round(median(times))} ms for a sync`);
}

/** Holds the log against what was acknowledged. Throws where an event is missing, or stands there twice. */
async function checkLog(databaseUrl: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const ids = (await readLog(databaseUrl)).flatMap(({ event_id: id }) => id ?? []);
  const found = new Set(ids);
  const missing = [...acknowledged].filter((id) => !found.has(id)).length;
  if (missing > 0 || found.size !== ids.length) {
    throw new Error(
      `of ${acknowledged.size} acknowledged events ${missing} are not in the log; ${ids.length} entries, ${found.size} events`,
    );
  }
  say(`killed, and looked: all ${acknowledged.size} acknowledged events are in the log, each once`);
}
