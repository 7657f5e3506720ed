import type { Environment } from './app-process';
import type { CommandOptions } from './options';
import { openStage, type Stage } from './stage';

interface InteractiveOptions {
  options: CommandOptions;
  environment: Environment;
  write(text: string): void;
  /** Resolves when somebody asks for the end. */
  asked: Promise<string>;
}

const REQUEST_TTL_MINUTES = '10';

/** The workspace to click, until Ctrl-C. Resolves with the exit code. */
export async function runInteractive({
  options,
  environment,
  write,
  asked,
}: InteractiveOptions): Promise<number> {
  const stage = await openStage({
    port: options.port,
    database: options.database,
    backend: options.backend,
    socket: options.socket,
    requestTtlMinutes: environment.REQUEST_TTL_MINUTES ?? REQUEST_TTL_MINUTES,
    environment,
    onAppLine: (line) => write(`  app | ${line}\n`),
  });
  write(welcome(stage, options));

  const appEnded = stage.app.ended.then((how) => `The app ${how}. Its own words stand above.`);
  const why = await Promise.race([asked.then(() => undefined), appEnded]);
  if (why === undefined) write('\nEnding the app and the workspace…\n');
  else write(`\n${why}\n`);
  await stage.close();
  return why === undefined ? 0 : 1;
}

function welcome(
  { sandbox, appUrl, databasePath }: Stage,
  { port, database, backend }: CommandOptions,
): string {
  const isOAuth = backend === 'oauth';
  const taken = sandbox.url.endsWith(`:${port}`)
    ? ''
    : `Port ${port} is taken, so the workspace took another.\n`;
  return `
${taken}Workspace   ${sandbox.url}
App         ${appUrl}
Record      ${databasePath}${database === undefined ? '  (temporary)' : ''}

Three things to try in the workspace:
  1. As Ben, type  /permissions request dnd:write:user  and press ${isOAuth ? 'Allow in Slack' : 'Allow'}.
  2. As Cleo, start the shortcut "Request permissions", and close ${isOAuth ? 'the' : "Slack's"} question unanswered.
  3. As Ada, who is an admin, type  /permissions log  and read what happened.

Ctrl-C ends both.
`;
}
