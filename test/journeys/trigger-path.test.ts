import { createHook, executionAsyncId } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backends } from '../support/backends';
import { startHarness, type Transport, transports } from '../support/harness';

const ROOT = join(__dirname, '..', '..');
/** The last file of ours before undici. The exchange is what it sends. */
const CONNECTIONS = 'services/slack/connections.ts';
/** The first file that both transports pass. */
const SHARED_FROM = 'receivers/delivery.ts';

describe('the way of a command from the socket to the exchange', () => {
  /** Each step of the numbered list, with the files that it names: one, or one for each backend. */
  const steps = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\d+\. /.test(line))
    .map((line) => [...line.matchAll(/`([\w/-]+\.tsx?)`/g)].map(([, file = '']) => file));

  it('has at most ten files', () => {
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.length).toBeLessThanOrEqual(10);
  });

  it.each(transports.flatMap((transport) => backends.map((backend) => ({ transport, backend }))))(
    'is what ARCHITECTURE.md lists, by $transport on $backend.name',
    async ({ transport, backend }) => {
      const files = await listFilesOnTheWay(transport, backend.oauth);
      expect(files.pop()).toBe(CONNECTIONS);
      const listed = steps.map((step) => step.find((file) => files.includes(file)) ?? step.join(' or '));
      if (transport === 'http') {
        expect(files).toEqual(listed);
      } else {
        const shared = files.indexOf(SHARED_FROM);
        expect(files.slice(shared)).toEqual(listed.slice(listed.indexOf(SHARED_FROM)));
        for (const file of files.slice(0, shared)) expect(file).toMatch(/^receivers\/socket-mode/);
      }
    },
  );
});

/** Our files on the call stack as the exchange leaves, through everything that was awaited; the outermost first. */
async function listFilesOnTheWay(transport: Transport, oauth: boolean): Promise<string[]> {
  const harness = await startHarness({}, { oauth, transport });
  const stackTraceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  /** Where each callback was made, by its async id: a stack trace alone ends at the first `then` or `new Promise`. */
  const made = new Map<number, { within: number; stack: Error }>();
  const hook = createHook({
    init: (id) => void made.set(id, { within: executionAsyncId(), stack: new Error() }),
  });
  let stacks: string[] = [];

  /** undici publishes it in the stack of the caller: https://undici.nodejs.org/#/docs/api/DiagnosticsChannel */
  function onRequest(message: unknown): void {
    const { path } = (message as { request: { path: string } }).request;
    if (!/\/(apps\.permissions\.users\.request|views\.open)$/.test(path) || stacks.length > 0) return;
    hook.disable();
    stacks = [new Error().stack ?? ''];
    for (let one = made.get(executionAsyncId()); one !== undefined; one = made.get(one.within))
      stacks.push(one.stack.stack ?? '');
  }

  subscribe('undici:request:create', onRequest);
  hook.enable();
  try {
    await harness.ada.runCommand('/permissions', 'request users.profile:write:user');
  } finally {
    hook.disable();
    unsubscribe('undici:request:create', onRequest);
    Error.stackTraceLimit = stackTraceLimit;
    await harness.close();
  }
  const files = stacks
    .flatMap((stack) => [...stack.matchAll(/\(?(\/[^\s():]+\.tsx?):\d+:\d+/g)].map(([, file = '']) => file))
    .filter((file) => file.startsWith(`${ROOT}/`))
    .map((file) => file.slice(ROOT.length + 1))
    .filter((file) => !/^(test|sandbox|node_modules)\//.test(file));
  return [...new Set(files.reverse())];
}
