import type { Environment } from './terminal/app-process';
import { runCli } from './terminal/app-process';
import type { CommandOptions } from './terminal/options';
import { openStage } from './terminal/stage';
import { createChecks } from './tour/checks';
import { stepsFor } from './tour/steps';
import { createTraveller } from './tour/traveller';

interface TourOptions {
  options: CommandOptions;
  environment: Environment;
  write(text: string): void;
  asked: Promise<string>;
}

/** Three seconds: long enough to answer in, short enough to wait for. */
const REQUEST_TTL_MINUTES = '0.05';
const LINES_ON_FAILURE = 25;

/** The whole journey with the real app, each step checked. Resolves with the exit code: 0 only if all came out right. */
export async function runTour({ options, environment, write, asked }: TourOptions): Promise<number> {
  const appLines: string[] = [];
  const stage = await openStage({
    port: options.port,
    database: options.database,
    backend: options.backend,
    socket: options.socket,
    requestTtlMinutes: REQUEST_TTL_MINUTES,
    environment,
    onAppLine: (line) => appLines.push(line),
  });
  let isEnded = false;
  void asked.then(() => {
    isEnded = true;
  });
  void stage.app.ended.then(() => {
    isEnded = true;
  });
  write(`The real app at ${stage.appUrl}, a sandbox workspace at ${stage.sandbox.url}.\n`);

  const checks = createChecks({ write });
  const traveller = createTraveller({ stage, checks });
  for (const step of stepsFor(options.backend)) {
    if (isEnded) break;
    traveller.mark();
    await checks.step(step.title, () => step.run(traveller));
  }
  await checks.step('The record, as the command line prints it', async () => {
    const { code, output } = await runCli(['log', '--format', 'table'], stage.environment);
    checks.expect('cli log ends with 0', code === 0, `code ${code}`);
    write(`\n${output.trimEnd()}\n`);
  });
  if (isEnded) checks.expect('the tour runs to its end', false, 'it was ended before');

  await stage.close();
  const { passed, failed } = checks.count();
  if (failed > 0) write(`\nThe app's last lines:\n${appLines.slice(-LINES_ON_FAILURE).join('\n')}\n`);
  write(
    `\n${failed === 0 ? `All ${passed} checks came out right.` : `${failed} of ${passed + failed} checks failed.`}\n`,
  );
  return failed === 0 ? 0 : 1;
}
