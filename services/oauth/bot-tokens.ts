import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import type { Workspace } from '../slack/workspace';
import { type BotInstallation, findBotInstallation, listExpiringBots } from './bot-store';
import { RENEWAL_MARGIN_MS, type Renewal } from './renewal';

/** `error` is `not_installed`, also where the app is no longer there, or says why an expired token could not be renewed now. */
export type BotToken = { token: string } | { error: string };

/** The app's own token, by workspace. */
export interface BotTokens {
  /** No promise where nothing has to be read. */
  find(workspace: Workspace): BotToken | Promise<BotToken>;
  /** Renews what expires soon, before anybody has to wait for it. */
  renewExpiring(nowMs: number): Promise<void>;
}

/** So many are renewed at once. */
const RENEWAL_CONCURRENCY = 20;
const MAX_LAST_FOUND = 10_000;

/** One workspace, one token: `SLACK_BOT_TOKEN`. */
export function createSingleBotToken(token: string): BotTokens {
  return { find: () => ({ token }), renewExpiring: async () => {} };
}

/** The tokens of the workspaces that have installed the app. */
export function createInstalledBotTokens({
  database,
  renewal,
}: {
  database: Database;
  renewal: Renewal;
}): BotTokens {
  /** By workspace. Used only while the database does not answer, so that it need not be told what changes. */
  const lastFound = new LRUCache<string, BotInstallation>({ max: MAX_LAST_FOUND });

  async function findInstallation(workspace: Workspace): Promise<BotInstallation | undefined> {
    const { teamId } = workspace;
    const last = lastFound.get(teamId);
    const answer = await database.readForTrigger(async (read) => ({
      found: await findBotInstallation(read, workspace),
    }));
    if (answer === undefined) return last ?? findBotInstallation(database.read, workspace);
    const { found } = answer;
    // The same object as before where nothing has changed: the renewal decrypts each object once.
    const isSame = last?.token === found?.token && last?.refreshUntilMs === found?.refreshUntilMs;
    if (isSame) return last;
    if (found === undefined) lastFound.delete(teamId);
    else lastFound.set(teamId, found);
    return found;
  }

  return {
    async find(workspace) {
      const installation = await findInstallation(workspace);
      const fresh = installation && (await renewal.getFresh(installation));
      if (fresh?.is === 'good') return { token: fresh.token };
      return { error: fresh?.is === 'unusable' ? fresh.failure.error : 'not_installed' };
    },
    async renewExpiring(nowMs) {
      const beforeMs = nowMs + RENEWAL_MARGIN_MS;
      let bots: BotInstallation[] = [];
      do {
        bots = await listExpiringBots(database.query, {
          beforeMs,
          after: bots.at(-1)?.key,
          limit: RENEWAL_CONCURRENCY,
        });
        for (const bot of bots) await renewal.getFresh(bot);
        await renewal.settled();
      } while (bots.length === RENEWAL_CONCURRENCY);
    },
  };
}
