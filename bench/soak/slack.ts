import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TEAM } from '../events/body';

const TRIGGER_TTL_MS = 3_000;
const LATENCY_MS = 20;

/** A prompt on somebody's screen. */
export interface Shown {
  userId: string;
  triggerId: string;
  scopes: string[];
}

/** Slack's part: triggers are good for three seconds and one exchange. It limits no rate: one workspace is to have it all. */
export interface SoakSlack {
  url: string;
  /** For one gesture, which counts as unanswered until something comes of its trigger, or to its `response_url`. */
  mint(userId: string): { triggerId: string; responseUrl: string };
  isAnswered(triggerId: string): boolean;
  /** Of exchanges, by Slack's word. */
  errors: ReadonlyMap<string, number>;
  messages(): number;
  close(): Promise<void>;
}

interface Trigger {
  userId: string;
  mintedAt: number;
  isExchanged: boolean;
  isAnswered: boolean;
}

export async function startSoakSlack(onShown: (shown: Shown) => void): Promise<SoakSlack> {
  const triggers = new Map<string, Trigger>();
  const errors = new Map<string, number>();
  let messages = 0;
  let minted = 0;

  function exchange(args: URLSearchParams): object {
    const trigger = triggers.get(args.get('trigger_id') ?? '');
    const error = toError(trigger);
    if (error !== undefined) {
      errors.set(error, (errors.get(error) ?? 0) + 1);
      return { ok: false, error };
    }
    if (trigger !== undefined) {
      trigger.isExchanged = true;
      trigger.isAnswered = true;
    }
    return { ok: true };
  }

  function answer(method: string, args: URLSearchParams): object {
    switch (method) {
      case 'auth.test':
        return { ok: true, team: 'Bench', team_id: TEAM, user_id: 'U0BOT', bot_id: 'B0BOT' };
      case 'dialog.open':
        return exchange(args);
      case 'apps.permissions.users.request': {
        const answered = exchange(args);
        const [userId = '', triggerId = ''] = [args.get('user'), args.get('trigger_id')].map(
          (arg) => arg ?? '',
        );
        if ('error' in answered) return answered;
        onShown({ userId, triggerId, scopes: (args.get('scopes') ?? '').split(',') });
        return answered;
      }
      default:
        if (method === 'chat.postMessage') messages += 1;
        return { ok: true, channel: 'D0BENCH', ts: '1700000000.000100' };
    }
  }

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    readText(request)
      .then(async (text) => {
        await sleep(LATENCY_MS);
        if (path.startsWith('/response/')) {
          const trigger = triggers.get(path.slice('/response/'.length));
          if (trigger !== undefined) trigger.isAnswered = true;
          response.end('ok');
          return;
        }
        const answered = answer(path.replace('/api/', ''), new URLSearchParams(text));
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
      })
      .catch(() => response.destroy());
  });
  const url = await listen(server);

  return {
    url,
    mint(userId) {
      minted += 1;
      const triggerId = `${27_082_968_880 + minted}.6048553856.5eb9c671f75c636135fdb6bb9e87b606`;
      triggers.set(triggerId, { userId, mintedAt: Date.now(), isExchanged: false, isAnswered: false });
      return { triggerId, responseUrl: `${url}/response/${triggerId}` };
    },
    isAnswered: (triggerId) => triggers.get(triggerId)?.isAnswered ?? false,
    errors,
    messages: () => messages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toError(trigger: Trigger | undefined): string | undefined {
  if (trigger === undefined || Date.now() - trigger.mintedAt > TRIGGER_TTL_MS) return 'invalid_trigger';
  return trigger.isExchanged ? 'trigger_exchanged' : undefined;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}
