import { join } from 'node:path';
import { z } from 'zod';
import { openDatabase } from '../../services/database/database';
import { systemClock } from '../../services/runtime/clock';
import { inFolder } from '../folder';
import { median, round } from '../numbers';
import { runProgram, startProgram } from '../program';
import { printTable, say } from '../table';

const USERS = 1_000_000;
const FEW_USERS = 1_000;
const ROUNDS = 3;
const CPU_GOAL = 2;
const MEMORY_GOAL_MB = 60;
const BYTES_A_USER = 2_000;
const START_TIMEOUT_MS = 10_000;
const SWEEP_TIMEOUT_MS = 600_000;

type Contender = 'product' | 'least';
/** All rows are new on the first, and nothing has changed on the second. */
const sweeps = ['first', 'second'] as const;
type Sweeps = Record<(typeof sweeps)[number], Record<Contender, Used>>;

const usedSchema = z.object({
  cpuMs: z.number(),
  wallMs: z.number(),
  peakMb: z.number(),
  users: z.number(),
  changes: z.number(),
});
type Used = z.infer<typeof usedSchema>;

/** Sweeps of a long list by the product and by the least program that does the same, in turns; and of a short list, for the memory. */
export async function benchSweep({
  users = USERS,
  rounds = ROUNDS,
  profileTo,
}: {
  users?: number | undefined;
  rounds?: number | undefined;
  profileTo?: string | undefined;
}) {
  const long: Sweeps[] = [];
  const short: Sweeps[] = [];
  for (let number = 0; number < rounds; number += 1) {
    // Who is first has the colder disk: by turns.
    const productFirst = number % 2 === 0;
    short.push(await sweepTwice(FEW_USERS, productFirst, undefined));
    long.push(await sweepTwice(users, productFirst, profileTo));
    say(`round ${number + 1} of ${rounds} done`);
  }
  return { users, rounds, cpu: printCpu(long), memory: printMemory(short, long) };
}

async function sweepTwice(
  users: number,
  productFirst: boolean,
  profileTo: string | undefined,
): Promise<Sweeps> {
  const server = startProgram('bench/grants/sweep/list-server.js', [String(users)]);
  try {
    const { port } = await server.next(z.object({ port: z.number() }), START_TIMEOUT_MS);
    return await inFolder(users * BYTES_A_USER, async (own) => {
      const run = async (contender: Contender, sweep: number): Promise<Used> => {
        const path = join(own, `${contender}.db`);
        if (sweep === 1) await makeTables(path);
        const args = [path, `http://127.0.0.1:${port}/api/`, String(sweep)];
        const program = `bench/grants/sweep/${contender}.js`;
        const used = await runProgram(program, args, usedSchema, { timeoutMs: SWEEP_TIMEOUT_MS, profileTo });
        if (used.users !== users || used.changes > 0 !== (sweep === 1)) {
          throw new Error(
            `${contender} swept ${used.users} of ${users} users and made ${used.changes} changes`,
          );
        }
        return used;
      };
      const both = async (sweep: number) => {
        const early = productFirst ? await run('product', sweep) : undefined;
        const least = await run('least', sweep);
        return { product: early ?? (await run('product', sweep)), least };
      };
      return { first: await both(1), second: await both(2) };
    });
  } finally {
    await server.end();
  }
}

async function makeTables(path: string): Promise<void> {
  const database = await openDatabase({ config: { kind: 'sqlite', path }, clock: systemClock });
  await database.close();
}

function printCpu(rounds: readonly Sweeps[]) {
  const rows = sweeps.map((sweep) => {
    const own = rounds.map((one) => one[sweep]);
    const ratio = round(median(own.map(({ product, least }) => product.cpuMs / least.cpuMs)));
    return {
      sweep,
      product_cpu_s: round(median(own.map(({ product }) => product.cpuMs)) / 1_000),
      least_cpu_s: round(median(own.map(({ least }) => least.cpuMs)) / 1_000),
      ratio,
      product_wall_s: round(median(own.map(({ product }) => product.wallMs)) / 1_000),
      least_wall_s: round(median(own.map(({ least }) => least.wallMs)) / 1_000),
      goal_met: ratio <= CPU_GOAL,
    };
  });
  printTable(
    `Processor time of a sweep: median of ${rounds.length} rounds, s (goal: ratio at most ${CPU_GOAL})`,
    ['sweep', 'product', 'least program', 'ratio', 'product, by the clock', 'least, by the clock', 'goal'],
    rows.map((row) => [
      row.sweep,
      row.product_cpu_s,
      row.least_cpu_s,
      row.ratio,
      row.product_wall_s,
      row.least_wall_s,
      row.goal_met ? 'met' : 'missed',
    ]),
  );
  return { goal: CPU_GOAL, rows };
}

function printMemory(short: readonly Sweeps[], long: readonly Sweeps[]) {
  const peak = (rounds: readonly Sweeps[], sweep: (typeof sweeps)[number], contender: Contender) =>
    round(median(rounds.map((one) => one[sweep][contender].peakMb)), 1);
  const rows = sweeps.map((sweep) => {
    const few = peak(short, sweep, 'product');
    const many = peak(long, sweep, 'product');
    const more = round(many - few, 1);
    const least = round(peak(long, sweep, 'least') - peak(short, sweep, 'least'), 1);
    return {
      sweep,
      few_mb: few,
      many_mb: many,
      more_mb: more,
      least_more_mb: least,
      goal_met: more <= MEMORY_GOAL_MB,
    };
  });
  printTable(
    `Peak memory of a sweep (resident, whole process): median of ${long.length} rounds, MB (goal: at most ${MEMORY_GOAL_MB} more)`,
    ['sweep', `${FEW_USERS} users`, 'all users', 'more', 'more, least program', 'goal'],
    rows.map((row) => [
      row.sweep,
      row.few_mb,
      row.many_mb,
      row.more_mb,
      row.least_more_mb,
      row.goal_met ? 'met' : 'missed',
    ]),
  );
  return { goal_mb: MEMORY_GOAL_MB, few_users: FEW_USERS, rows };
}
