import { createKept } from '../database/cache';
import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import type { Clock } from '../runtime/clock';
import type { Workspace } from '../slack/workspace';
import { type BotInstallation, listBotInstallations, listExpiringBots } from './bot-store';
import { toInstallationKeys } from './installation-key';
import type { Organisations } from './organisations';
import { RENEWAL_MARGIN_MS, type Renewal } from './renewal';

/** `error` is `not_installed`, also where the app is no longer there, or says why an expired token could not be renewed now. */
export type BotToken = { token: string } | { error: string };

/** The app's own token, by workspace. */
export interface BotTokens {
  /** A promise only where it is not at hand. */
  find(workspace: Workspace): BotToken | Promise<BotToken>;
  /** Renews what expires soon, before anybody has to wait for it. */
  keepFresh(nowMs: number): Promise<void>;
}

/** So many are renewed at once. */
const AT_ONCE = 20;

/** One workspace, one token: `SLACK_BOT_TOKEN`. */
export function createSingleBotToken(token: string): BotTokens {
  return { find: () => ({ token }), keepFresh: async () => {} };
}

/** The tokens of the workspaces that have installed the app. Kept in memory: a trigger does not wait for the database. */
export function createInstalledBotTokens({
  database,
  renewal,
  background,
  organisations,
  clock,
}: {
  database: Database;
  renewal: Renewal;
  organisations: Pick<Organisations, 'find'>;
  background: Background;
  clock: Clock;
}): BotTokens {
  const kept = createKept<BotInstallation | undefined>({
    database,
    background,
    clock,
    source: {
      topic: 'installations',
      empty: undefined,
      read: (keys) => listBotInstallations(database.query, keys),
      readPage: async (after) =>
        after === undefined ? listBotInstallations(database.query) : new Map<string, BotInstallation>(),
    },
  });

  async function findInstallation(workspace: Workspace): Promise<BotInstallation | undefined> {
    const own = await kept.get(workspace.teamId);
    if (own !== undefined) return own;
    for (const key of toInstallationKeys(workspace, await organisations.find(workspace.teamId))) {
      const found = await kept.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    async find(workspace) {
      const installation = await findInstallation(workspace);
      const fresh = installation && (await renewal.getFresh(installation));
      if (fresh?.is === 'good') return { token: fresh.token };
      return { error: fresh?.is === 'unusable' ? fresh.failure.error : 'not_installed' };
    },
    async keepFresh(nowMs) {
      const beforeMs = nowMs + RENEWAL_MARGIN_MS;
      let bots: BotInstallation[] = [];
      do {
        bots = await listExpiringBots(database.query, {
          beforeMs,
          after: bots.at(-1)?.place,
          limit: AT_ONCE,
        });
        for (const bot of bots) await renewal.getFresh(bot);
        await renewal.settled();
      } while (bots.length === AT_ONCE);
    },
  };
}
