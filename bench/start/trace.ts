import { once } from 'node:events';
import { median, round } from '../numbers';
import { printTable } from '../table';
import { runUntil } from './command';
import { type Contender, start } from './contender';
import type { LocalSlack } from './local-slack';
import { type Cost, costOfOurFiles, costOfPackages, type Trace, traceSchema } from './modules';

const STARTS = 5;
const SHOWN = 15;
const REPORT_TIMEOUT_MS = 10_000;

/** Where the time of a start goes: the parts that follow one another, and what the loading of modules is made of. */
export async function traceStarts(contender: Contender, slack: LocalSlack) {
  const traced: { trace: Trace; parts: Record<string, number> }[] = [];
  for (let number = 0; number < STARTS; number += 1) traced.push(await traceStart(contender, slack));
  const names = Object.keys(traced[0]?.parts ?? {});
  const parts = names.map((part) => ({
    part,
    ms: round(median(traced.map(({ parts }) => parts[part] ?? Number.NaN)), 1),
  }));
  const traces = traced.map(({ trace }) => trace);
  const packages = toMedians(traces.map(costOfPackages));
  const files = toMedians(traces.map(costOfOurFiles));

  printTable(
    `Where the start of ${contender.name} goes, with the hook in it: medians of ${STARTS} starts`,
    ['part', 'ms'],
    parts.map(({ part, ms }) => [part, ms]),
  );
  printCosts(`The ${SHOWN} packages that a start would be most quicker without`, 'package', packages);
  printCosts(`The ${SHOWN} files of ours that a start would be most quicker without`, 'file', files);
  return { parts, packages, files };
}

async function traceStart(contender: Contender, slack: LocalSlack) {
  const prompt = slack.nextPromptAt();
  const app = await start(contender, 'bench/start/load-hook.js');
  try {
    await runUntil(prompt, app.port);
    const promptAt = performance.timeOrigin + (await prompt);
    const answered = once(app.child, 'message', { signal: AbortSignal.timeout(REPORT_TIMEOUT_MS) });
    app.child.send({});
    const trace = traceSchema.parse((await answered)[0]);
    return { trace, parts: toParts(trace, promptAt - trace.timeOrigin) };
  } finally {
    await app.stop();
  }
}

/** One after the other, from the start of the process on. */
function toParts({ marks, loaded }: Trace, promptMs: number): Record<string, number> {
  const at = (mark: string) => marks[mark] ?? Number.NaN;
  const loadMs = loaded.reduce((total, { selfMs }) => total + selfMs, 0);
  return {
    'Node itself': at('begun'),
    'modules and configuration': at('openDatabase began') - at('begun'),
    'opening the database': at('openDatabase ended') - at('openDatabase began'),
    services: at('listen began') - at('openDatabase ended'),
    listening: at('listen ended') - at('listen began'),
    'the first exchange': promptMs - at('listen ended'),
    all: promptMs,
    'of it, modules, whenever they are loaded': loadMs,
  };
}

function toMedians(runs: readonly (readonly Cost[])[]): Cost[] {
  const names = runs[0]?.map(({ name }) => name) ?? [];
  return names
    .map((name) => {
      const costs = runs.flatMap((run) => run.filter((cost) => cost.name === name));
      return {
        name,
        files: median(costs.map(({ files }) => files)),
        selfMs: round(median(costs.map(({ selfMs }) => selfMs)), 1),
        saved: round(median(costs.map(({ saved }) => saved)), 1),
      };
    })
    .sort((a, b) => b.saved - a.saved)
    .slice(0, SHOWN);
}

function printCosts(title: string, what: string, costs: readonly Cost[]): void {
  printTable(
    title,
    [what, 'files', 'ms, alone', 'ms, with what only it needs'],
    costs.map(({ name, files, selfMs, saved }) => [name, files, selfMs, saved]),
  );
}
