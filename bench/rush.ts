import { z } from 'zod';
import { runProgram } from './program';
import { printTable, say } from './table';

const USERS = 500;
/** Some more than Slack takes at once. */
const FEW_USERS = 22;
const GOAL = 1.1;
const TIMEOUT_MS = 600_000;

const figuresSchema = z.object({
  prompts: z.number(),
  without_an_answer: z.number(),
  calls: z.number(),
  refused: z.number(),
  on_dead_triggers: z.number(),
  while_retry_after_ran: z.number(),
  under_way_at_a_429: z.number(),
  last_prompt_s: z.number(),
  best_s: z.number(),
  to_best: z.number(),
  watched_s: z.number(),
});

const APPS = [
  { app: 'Scopekeeper', kind: 'product' },
  { app: 'plain Bolt', kind: 'plain' },
] as const;

/** A whole workspace runs the command within two seconds, and Slack takes twenty prompts at once and twenty a minute. */
export async function benchRush({
  tiny = false,
  users = tiny ? FEW_USERS : USERS,
}: {
  tiny?: boolean | undefined;
  users?: number | undefined;
}): Promise<void> {
  const rows: ({ app: string } & z.infer<typeof figuresSchema>)[] = [];
  for (const { app, kind } of APPS) {
    say(`${app}: ${users} users, on a clock that moves as fast as the work gets done`);
    const figures = await runProgram('rush/play.js', [kind, String(users)], figuresSchema, {
      timeoutMs: TIMEOUT_MS,
    });
    rows.push({ app, ...figures });
  }
  const [product] = rows;
  const isMet =
    product !== undefined &&
    product.prompts === users &&
    product.without_an_answer + product.on_dead_triggers + product.while_retry_after_ran === 0 &&
    product.to_best <= GOAL;
  printTable(
    `${users} users within two seconds (goal: all prompts shown, nobody without an answer, no call on a dead trigger or while Retry-After runs, the last prompt within ${GOAL} times the best) ${isMet ? 'met' : 'missed'}`,
    ['', ...rows.map(({ app }) => app)],
    [
      ['prompts shown', ...rows.map((row) => row.prompts)],
      ['users left without an answer', ...rows.map((row) => row.without_an_answer)],
      ['calls', ...rows.map((row) => row.calls)],
      ['refused with a 429', ...rows.map((row) => row.refused)],
      ['calls on dead triggers', ...rows.map((row) => row.on_dead_triggers)],
      ['calls while Retry-After ran', ...rows.map((row) => row.while_retry_after_ran)],
      ['calls under way when a 429 was made', ...rows.map((row) => row.under_way_at_a_429)],
      ['last prompt after, s', ...rows.map((row) => row.last_prompt_s)],
      ['the best that the limit allows, s', ...rows.map((row) => row.best_s)],
      ['last prompt to the best', ...rows.map((row) => row.to_best)],
      ['watched for, s', ...rows.map((row) => row.watched_s)],
    ],
  );
}
