import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox';
import { createTestClock, type TestClock } from '../../test-clock';
import { type AppServer, startAppServer } from './app-server';
import manifest from './manifest.json';

export interface World {
  sandbox: Sandbox;
  app: AppServer;
  clock: TestClock;
  /** Calls a Web API method with a form, as an app does. */
  call(method: string, args?: Record<string, string>): Promise<Record<string, unknown>>;
  /** Runs a command and hands out the trigger that it brought. */
  freshTrigger(userId?: string, triggerAgeMs?: number): Promise<string>;
  close(): Promise<void>;
}

/** All that any method here needs: what the manifest asks for at the moment is another matter. */
const BOT_SCOPES = ['chat:write', 'commands', 'im:write', 'users:read'];

export async function startWorld(options: SandboxOptions = {}): Promise<World> {
  const clock = createTestClock();
  const app = await startAppServer();
  const sandbox = await startSandbox({
    manifest,
    clock,
    requestUrl: app.url,
    botScopes: BOT_SCOPES,
    ...options,
  });

  async function call(method: string, args: Record<string, string> = {}) {
    const response = await fetch(sandbox.apiUrl + method, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.botToken}` },
      body: new URLSearchParams(args),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  async function freshTrigger(userId = 'U0BEN', triggerAgeMs = 0): Promise<string> {
    const { payload } = await sandbox.as(userId).runCommand('/permissions', '', { triggerAgeMs });
    return payload.trigger_id as string;
  }

  return {
    sandbox,
    app,
    clock,
    call,
    freshTrigger,
    close: async () => {
      await sandbox.close();
      await app.close();
    },
  };
}
