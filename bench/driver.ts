import { join } from 'node:path';
import { z } from 'zod';
import { inFolder } from './folder';
import { median, round } from './numbers';
import { runProgram } from './program';
import { printTable, say } from './table';

const ROUNDS = 5;
const COUNTS = { commits: 20_000, reads: 1_000_000, pages: 5_000 };
const NEEDED_BYTES = 1e9;
const ROUND_TIMEOUT_MS = 120_000;

const measuredSchema = z.object({
  commits_ms: z.number(),
  reads_ms: z.number(),
  pages_ms: z.number(),
  peak_mb: z.number(),
});
type Measured = z.infer<typeof measuredSchema>;

/** SQLite as the product drives it, beside better-sqlite3, installed into a folder by hand. */
export async function benchDriver({
  rounds = ROUNDS,
  beside,
}: {
  rounds?: number | undefined;
  beside: string;
}) {
  const ours: Measured[] = [];
  const others: Measured[] = [];
  for (let number = 0; number < rounds; number += 1) {
    const turns = [async () => ours.push(await measure()), async () => others.push(await measure(beside))];
    // Who is first has the colder disk: by turns.
    for (const turn of number % 2 === 0 ? turns : turns.reverse()) await turn();
    say(`round ${number + 1} of ${rounds} done`);
  }
  const middle = (all: readonly Measured[], name: keyof Measured) =>
    round(median(all.map((one) => one[name])));
  const rows = measuredSchema.keyof().options.map((name) => ({
    what: name,
    ours: middle(ours, name),
    better_sqlite3: middle(others, name),
    ratio: round(median(ours.map((one, index) => one[name] / (others[index]?.[name] ?? Number.NaN)))),
  }));
  printTable(
    `The driver on Node ${process.version}: ${COUNTS.commits} commits, ${COUNTS.reads} reads of a row, ${COUNTS.pages} of 200 rows; medians of ${rounds} rounds`,
    ['', 'ours', 'better-sqlite3', 'ratio'],
    rows.map((row) => [row.what, row.ours, row.better_sqlite3, row.ratio]),
  );
  return { rounds, ...COUNTS, figures: rows };
}

function measure(beside?: string): Promise<Measured> {
  return inFolder(NEEDED_BYTES, (folder) =>
    runProgram(
      'bench/driver/contender.js',
      [join(folder, 'driver.db'), JSON.stringify(COUNTS), ...(beside === undefined ? [] : [beside])],
      measuredSchema,
      { timeoutMs: ROUND_TIMEOUT_MS },
    ),
  );
}
