import { join } from 'node:path';
import { inFolder } from './folder';
import { median, round, spread } from './numbers';
import { runUntil } from './start/command';
import { type Contender, start, toPlainBolt, toProduct } from './start/contender';
import { type LocalSlack, startLocalSlack } from './start/local-slack';
import { printTable, say } from './table';

const ROUNDS = 10;
const GOAL = 1.3;
const NEEDED_BYTES = 1e8;

/** From the start of the process on. */
interface Round {
  listeningMs: number;
  promptMs: number;
}

/** From `node dist/app.js` to the first trigger that is exchanged, beside plain Bolt. */
export async function benchStart({
  tiny = false,
  rounds = tiny ? 1 : ROUNDS,
}: {
  tiny?: boolean | undefined;
  rounds?: number | undefined;
}): Promise<void> {
  const slack = await startLocalSlack();
  try {
    await inFolder(NEEDED_BYTES, async (folder) => {
      const product = toProduct(slack.apiUrl, `file:${join(folder, 'scopekeeper.db')}`);
      const plain = toPlainBolt(slack.apiUrl);
      // The first start makes the database, and reads the files of both from the disk.
      for (const contender of [product, plain]) await measure(contender, slack);
      const measured: { product: Round; plain: Round }[] = [];
      for (let number = 1; number <= rounds; number += 1) {
        const isProductFirst = number % 2 === 1;
        const first = isProductFirst ? await measure(product, slack) : undefined;
        const other = await measure(plain, slack);
        const round = { product: first ?? (await measure(product, slack)), plain: other };
        measured.push(round);
        say(`round ${number}: ${round.product.promptMs} ms, plain Bolt ${round.plain.promptMs} ms`);
      }
      print(measured);
    });
  } finally {
    await slack.close();
  }
}

async function measure(contender: Contender, slack: LocalSlack): Promise<Round> {
  const prompt = slack.nextPromptAt();
  const app = await start(contender);
  try {
    const { listeningAt } = await runUntil(prompt, app.port);
    return {
      listeningMs: round(listeningAt - app.startedAt),
      promptMs: round((await prompt) - app.startedAt),
    };
  } finally {
    await app.stop();
  }
}

function print(measured: readonly { product: Round; plain: Round }[]): void {
  const rows = (['product', 'plain'] as const).map((app) => {
    const prompts = measured.map((one) => one[app].promptMs);
    const { least, most } = spread(prompts);
    return {
      app,
      listening_ms: round(median(measured.map((one) => one[app].listeningMs)), 0),
      first_exchange_ms: round(median(prompts), 0),
      least_ms: round(least, 0),
      most_ms: round(most, 0),
    };
  });
  const [product, plain] = rows;
  const ratio = round((product?.first_exchange_ms ?? Number.NaN) / (plain?.first_exchange_ms ?? Number.NaN));
  printTable(
    `From the start of the process to the first exchange: medians of ${measured.length} rounds; ratio ${ratio} (goal: at most ${GOAL}) ${ratio <= GOAL ? 'met' : 'missed'}`,
    ['app', 'listening ms', 'first exchange ms', 'least', 'most'],
    rows.map((row) => [row.app, row.listening_ms, row.first_exchange_ms, row.least_ms, row.most_ms]),
  );
}
