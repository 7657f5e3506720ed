import { APP_IDS } from '../app-manifest';
import { createBoundedMap } from '../bounded-map';
import type { Ids } from '../state/ids';

const LINK_PATH = '/link/';
const TICKETS_KEPT = 100;

export type Tickets = ReturnType<typeof createTickets>;

/** What `apps.connections.open` hands out: each opens one connection, once. */
export function createTickets({ ids }: { ids: Ids }) {
  const unused = createBoundedMap<string, true>(TICKETS_KEPT);
  return {
    /** The path under the sandbox's address. */
    mint(): string {
      const ticket = ids.secret();
      unused.set(ticket, true);
      return `${LINK_PATH}?${new URLSearchParams({ ticket, app_id: APP_IDS.appId })}`;
    },
    /** True once. */
    take: ({ pathname, searchParams }: URL): boolean =>
      pathname === LINK_PATH && unused.delete(searchParams.get('ticket') ?? ''),
  };
}
