import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inFolder } from './folder';
import { createRandom, round } from './numbers';
import { createAnswers } from './soak/answers';
import { createGestures } from './soak/gestures';
import { judgeMemory, watchMemory } from './soak/memory';
import { createPoster, type Poster } from './soak/post';
import { checkRecord } from './soak/record';
import { type Shown, startSoakSlack } from './soak/slack';
import { untilListening } from './start/command';
import { start, toProduct } from './start/contender';
import { printTable, say } from './table';

const MINUTES = 10;
/** A second. */
const FEW_MINUTES = 1 / 60;
const A_SECOND = 50;
const NEEDED_BYTES = 1e9;
const FEW_BYTES = 1e7;
const SEED = 11;
/** Flat: the last third holds no more than so much of the second. */
const FLAT = 1.1;
/** In which messages that are under way arrive. */
const PATIENCE_MS = 5_000;

/** Fifty gestures a second, for minutes on end: whether all are answered and recorded, and what it holds of memory. */
export async function benchSoak({
  tiny = false,
  minutes = tiny ? FEW_MINUTES : MINUTES,
  database,
}: {
  tiny?: boolean | undefined;
  minutes?: number | undefined;
  database?: string | undefined;
}): Promise<void> {
  await inFolder(tiny ? FEW_BYTES : NEEDED_BYTES, (folder) =>
    soak(database ?? `file:${join(folder, 'scopekeeper.db')}`, {
      minutes,
      patienceMs: tiny ? 0 : PATIENCE_MS,
    }),
  );
}

async function soak(
  databaseUrl: string,
  { minutes, patienceMs }: { minutes: number; patienceMs: number },
): Promise<void> {
  const random = createRandom(SEED);
  const shown: Shown[] = [];
  let poster: Poster | undefined;
  const answers = createAnswers(() => {
    if (poster === undefined) throw new Error('an answer came before the app was started');
    return poster;
  }, random);
  const slack = await startSoakSlack((prompt) => {
    shown.push(prompt);
    answers.decide(prompt);
  });
  const app = await start(toProduct(`${slack.url}/api/`, databaseUrl, { SYNC_INTERVAL_MINUTES: '0' }));
  try {
    await untilListening(app.port);
    poster = createPoster(app.port);
    const gestures = createGestures({ poster, slack, random });
    const memory = watchMemory(app.child.pid ?? 0);
    const seconds = minutes * 60;
    const began = performance.now();
    for (let number = 0; number < seconds * A_SECOND; number += 1) {
      const waitMs = began + (number * 1_000) / A_SECOND - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      gestures.make();
      if (number % (A_SECOND * 60) === 0) say(`minute ${number / (A_SECOND * 60)}: ${shown.length} prompts`);
    }
    const tookSeconds = (performance.now() - began) / 1_000;
    const samples = memory.stop();
    await gestures.settled();
    await answers.settled();
    await sleep(patienceMs);
    await poster.close();
    // As an operator stops it: what is under way is written.
    await app.stop();
    const record = await checkRecord(databaseUrl, { shown, acknowledged: answers.acknowledged });
    print({
      engine: databaseUrl.startsWith('file:') ? 'SQLite' : 'PostgreSQL',
      minutes,
      a_second: round(gestures.made() / tookSeconds, 1),
      gestures: gestures.made(),
      lost_answers: gestures.countLost(),
      events_lost: answers.lost.size,
      ...record,
      answers_ms: toQuantiles(gestures.tookMs),
      events_ms: toQuantiles(answers.tookMs),
      memory: judgeMemory(samples),
    });
  } finally {
    await app.stop();
    await slack.close();
  }
}

function toQuantiles(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN, 1);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), most: round(sorted.at(-1) ?? Number.NaN, 1) };
}

interface Figures {
  engine: string;
  minutes: number;
  a_second: number;
  gestures: number;
  lost_answers: number;
  prompts: number;
  prompts_not_logged: number;
  prompts_logged_too_often: number;
  events_acknowledged: number;
  events_lost: number;
  events_not_recorded: number;
  events_recorded_twice: number;
  answers_ms: ReturnType<typeof toQuantiles>;
  events_ms: ReturnType<typeof toQuantiles>;
  memory: ReturnType<typeof judgeMemory>;
}

function print(figures: Figures): void {
  const { memory, answers_ms, events_ms } = figures;
  const faults =
    figures.lost_answers +
    figures.prompts_not_logged +
    figures.prompts_logged_too_often +
    figures.events_lost +
    figures.events_not_recorded +
    figures.events_recorded_twice;
  const isMet = faults === 0 && memory.last_third_mb <= memory.second_third_mb * FLAT;
  printTable(
    `${figures.minutes} minutes at ${figures.a_second} gestures a second on ${figures.engine} (goal: nothing lost, and the last third within ${FLAT} times the memory of the second) ${isMet ? 'met' : 'missed'}`,
    ['', 'figure'],
    [
      ['gestures', figures.gestures],
      ['answers lost', figures.lost_answers],
      ['prompts', figures.prompts],
      ['prompts not logged', figures.prompts_not_logged],
      ['prompts logged too often', figures.prompts_logged_too_often],
      ['events acknowledged', figures.events_acknowledged],
      ['events lost', figures.events_lost],
      ['events acknowledged, but not recorded', figures.events_not_recorded],
      ['events recorded twice', figures.events_recorded_twice],
      ['answer to a gesture, ms: median', answers_ms.p50],
      ['p99', answers_ms.p99],
      ['most', answers_ms.most],
      ['answer to an event, ms: median', events_ms.p50],
      ['p99', events_ms.p99],
      ['memory, MB: median of the first third', memory.first_third_mb],
      ['of the second', memory.second_third_mb],
      ['of the last', memory.last_third_mb],
      ['at its peak', memory.peak_mb],
      ['slope over the last two thirds, MB a minute', memory.slope_mb_a_minute],
    ],
  );
  say(`memory every ten seconds, MB: ${memory.samples_mb.join(' ')}`);
}
