import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { round } from './numbers';
import { printTable } from './table';

const profileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

const FUNCTIONS = 25;
/** A sample is taken every half a millisecond; after so long a pause, the process stood still for another's measurement. */
const FROZEN_US = 100_000;

interface Spent {
  where: string;
  what: string;
}

/** Prints where the time of a profile of `node --cpu-prof` goes: by package or file of ours, then by function. */
export function printProfile(path: string): void {
  const profile = profileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const spent = toPlaces(profile);
  const byPlace = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    const place = spent.get(id);
    const us = profile.timeDeltas[index] ?? 0;
    if (place === undefined || place.where === '(idle)' || us > FROZEN_US) continue;
    total += us;
    add(byPlace, place.where, us);
    add(byFunction, `${place.what} · ${place.where}`, us);
  }
  const toRows = (times: ReadonlyMap<string, number>) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, FUNCTIONS)
      .map(([name, us]) => [name, Math.round(us / 1_000), round((100 * us) / total, 1)]);
  printTable('Where the processor was busy', ['package or file', 'ms', '%'], toRows(byPlace));
  printTable('In which functions themselves', ['function', 'ms', '%'], toRows(byFunction));
}

function toPlaces({ nodes }: z.infer<typeof profileSchema>): ReadonlyMap<number, Spent> {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const places = new Map<number, Spent>();
  // Parents stand before their children.
  for (const { id, callFrame } of nodes) {
    const what = callFrame.functionName || `(line ${callFrame.lineNumber + 1})`;
    const parent = places.get(parents.get(id) ?? -1);
    places.set(id, { what, where: toPlace(callFrame, parent?.where ?? '(root)') });
  }
  return places;
}

/** What is written in C++ counts for the function that called it; where that is a driver's, it is SQLite. */
function toPlace({ functionName, url }: { functionName: string; url: string }, caller: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : caller;
  if (/sqlite-connection|@photostructure|kysely.*sqlite-driver/.test(url)) return 'SQLite and its driver';
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (name !== undefined) return name;
  if (url.startsWith('node:')) return url.split('/')[0] ?? url;
  return url.replace(/^.*\/dist\//, '');
}

function add(times: Map<string, number>, key: string, us: number): void {
  times.set(key, (times.get(key) ?? 0) + us);
}
