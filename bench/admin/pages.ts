import type { Server } from 'node:http';
import { join } from 'node:path';
import { request } from 'undici';
import { createAccessLog } from '../../services/admin/access-log';
import { createAdminLinks } from '../../services/admin/links';
import { createSessionWatch } from '../../services/admin/session-watch';
import { createSessions } from '../../services/admin/sessions';
import { createVisibleTeams } from '../../services/admin/teams';
import { createWatching } from '../../services/admin/watching';
import { loadConfig } from '../../services/config/config';
import type { Database } from '../../services/database/database';
import { createGrants } from '../../services/grants/grants';
import { createTail } from '../../services/grants/log/tail';
import { createBackground } from '../../services/runtime/background';
import { systemClock } from '../../services/runtime/clock';
import { createLogger } from '../../services/runtime/logger';
import { createSigner } from '../../services/runtime/secrets/signer';
import type { Sync } from '../../services/sync/sync';
import { createAdminPages } from '../../web/admin/routes';
import { createWebServer } from '../../web/server';
import { fillDatabase, TEAM } from './filling';

export interface PagesOfLog {
  entries: number;
  /** Asks for a page, and answers with how many entries it has, and how long it took, ms. */
  ask(path: string): Promise<{ shown: number; ms: number; bytes: number }>;
  close(): Promise<void>;
}

/** The pages themselves, by HTTP, on a log of so many entries; only Slack and the sync are left out. */
export async function servePages(folder: string, entries: number): Promise<PagesOfLog> {
  const database: Database = await fillDatabase(join(folder, `${entries}.db`), entries);
  const clock = systemClock;
  const logger = createLogger({ level: 'warn', secrets: [] });
  const background = createBackground({ logger });
  const grants = createGrants({ database });
  const admins = { check: async () => ({ is: 'admin' as const }), findUtcOffset: async () => 0 };
  const sessions = createSessions({ database, admins, signer: createSigner('bench'), clock });
  const sync: Pick<Sync, 'findLast'> & Sync = {
    run: () => Promise.reject(new Error('there is no sync here')),
    runIfDue() {},
    findLast: async () => undefined,
    stop() {},
  };
  const { catalog } = loadConfig({ SLACK_BOT_TOKEN: 'xoxb-bench', SLACK_SIGNING_SECRET: 'bench' });
  const pages = createAdminPages({
    links: createAdminLinks({ database, clock, getBaseUrl: () => '' }),
    sessions,
    sessionWatch: createSessionWatch({ sessions, database, clock, background }),
    accessLog: createAccessLog({ database, clock }),
    teams: createVisibleTeams({ workspaces: { listOfOrganisation: async () => [] }, clock }),
    watching: createWatching({ database, grants, clock }),
    grants,
    tail: createTail({ database, clock, background }),
    sync,
    syncIntervalMs: 0,
    catalog,
    publicUrl: undefined,
    background,
    clock,
    logger,
  });
  const web = createWebServer({ loadRoutes: async () => pages.routes, port: 0, logger });
  const port = toPort(await web.start());
  const cookie = `scopekeeper_admin=${await database.transact((tx) =>
    sessions.begin(
      tx,
      { teamId: TEAM, enterpriseId: undefined, userId: 'U0BENCH' },
      { admin: { is: 'admin' }, old: undefined },
    ),
  )}`;

  return {
    entries,
    async ask(path) {
      const began = performance.now();
      const response = await request(`http://127.0.0.1:${port}${path}`, { headers: { cookie } });
      const html = await response.body.text();
      const ms = performance.now() - began;
      if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`);
      return { ms, shown: html.split('class="entry"').length - 1, bytes: Buffer.byteLength(html) };
    },
    async close() {
      pages.stop();
      await web.stop();
      await database.close();
    },
  };
}

function toPort(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}
