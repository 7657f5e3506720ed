import { parseArgs } from 'node:util';

export interface CommandOptions {
  help: boolean;
  tour: boolean;
  /** Where the search for a free port begins. */
  port: number;
  /** Path of a database file that stays; undefined: a temporary one. */
  database: string | undefined;
  backend: Backend;
  /** The app is reached by Socket Mode. */
  socket: boolean;
}

/** By which way the app asks: `native`, by the Permissions API; `oauth`, on a Slack that has retired it. `auto` finds out. */
export type Backend = (typeof BACKENDS)[number];
const BACKENDS = ['native', 'oauth', 'auto'] as const;

export const HELP = `Usage: npm run sandbox -- [options]

Starts a small Slack workspace on this machine, and the app beside it. No Slack account is needed.

  --port <number>      where the workspace is served (default 3100; the next free one if that is taken)
  --database <file>    keep the app's record in this file (default: a temporary one, gone at the end)
  --backend <name>     native, oauth or auto: which Slack is played; oauth is today's, without the Permissions API
                       (default auto: the app finds out, and the API is there)
  --socket             Slack reaches the app by Socket Mode, not by signed posts
  --tour               walk through the whole journey in this terminal, check each step, and end
  --help               this
`;

const DEFAULT_PORT = 3100;

/** What the command line asks for, or in a sentence what is wrong with it. */
export function readOptions(args: string[]): CommandOptions | { fault: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        database: { type: 'string' },
        backend: { type: 'string', default: 'auto' },
        socket: { type: 'boolean', default: false },
        tour: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = values.port === undefined ? DEFAULT_PORT : toPort(values.port);
    if (port === undefined) return { fault: `--port takes a number from 1 to 65535, not "${values.port}".` };
    if (values.database === '') return { fault: '--database takes the path of a file.' };
    const backend = BACKENDS.find((name) => name === values.backend);
    if (!backend) return { fault: `--backend takes ${BACKENDS.join(', ')}, not "${values.backend}".` };
    const { help, tour, socket, database } = values;
    return { help, tour, port, database, backend, socket };
  } catch (error) {
    // Node's own sentence names the flag; what follows it there is advice for programmers.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    return { fault: `${sentence.replace(/\.$/, '')}. See npm run sandbox -- --help` };
  }
}

function toPort(text: string): number | undefined {
  const port = Number(text);
  return /^\d+$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}
