import { createBoundedMap } from '../bounded-map';
import type { SandboxClock } from '../types';
import type { Ids } from './ids';

export const RESPONSE_URL_TTL_MS = 30 * 60_000;
export const RESPONSE_URL_USES = 5;
const RESPONSE_URLS_KEPT = 10_000;

export interface ResponseUrl {
  userId: string;
  channel: string;
  /** The message whose button was pressed: what `replace_original` and `delete_original` mean. */
  originalTs: string | undefined;
  mintedAt: number;
  uses: number;
}

export type ResponseUrls = ReturnType<typeof createResponseUrls>;

export function createResponseUrls({ clock, ids }: { clock: SandboxClock; ids: Ids }) {
  const known = createBoundedMap<string, ResponseUrl>(RESPONSE_URLS_KEPT);

  /** The path under the sandbox's address. */
  function mint(userId: string, channel: string, originalTs?: string): string {
    const id = ids.secret();
    known.set(id, { userId, channel, originalTs, mintedAt: clock.now(), uses: 0 });
    return `/response/${id}`;
  }

  /** Counts a use, or says in Slack's words why there is none left. */
  function use(id: string): ResponseUrl | 'no_service' | 'expired_url' | 'used_url' {
    const found = known.get(id);
    if (!found) return 'no_service';
    if (clock.now() - found.mintedAt > RESPONSE_URL_TTL_MS) return 'expired_url';
    if (found.uses >= RESPONSE_URL_USES) return 'used_url';
    found.uses += 1;
    return found;
  }

  return { mint, use, has: (id: string) => known.get(id) !== undefined };
}
