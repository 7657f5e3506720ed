import type { Database } from '../database/database';
import type { Clock } from '../runtime/clock';
import type { Logger } from '../runtime/logger';
import { withTimeout } from '../runtime/with-timeout';
import type { TokenOwner } from '../slack/token-owner';
import type { CallSlack } from '../slack/web-api';
import { isEnterpriseId, type Workspace } from '../slack/workspace';
import { listBotInstallations } from './bot-store';
import { listTeamsOfToken } from './teams-of-token';
import {
  leaveEnterprise,
  listEnterprises,
  listInstallationEnds,
  listTeamsOfEnterprise,
  listWorkspaces,
  saveEnterprise,
} from './workspace-store';

/** What an event ends: an installation, by its key, and what was granted in the workspaces that it served. */
export interface InstallationEnd {
  installation: string;
  teamIds: string[];
}

/** Two events about one end are this close: Slack retries a delivery for six minutes. */
const DUPLICATE_END_SECONDS = 10 * 60;
const BOT_TIMEOUT_MS = 2_000;

export type Workspaces = ReturnType<typeof createWorkspaces>;

/** Knows where the app is installed. */
export function createWorkspaces({
  database,
  token,
  callSlack,
  clock,
  logger,
}: {
  database: Database;
  /** `SLACK_BOT_TOKEN`, and how to ask whose it is; undefined where workspaces install the app. */
  token: { value: string; findTokenOwner: () => Promise<TokenOwner> } | undefined;
  callSlack: CallSlack;
  clock: Clock;
  logger: Logger;
}) {
  /** Whether an installation serves the enterprise as a whole: one that is stored, or that of `SLACK_BOT_TOKEN`. */
  async function isInstalledIn(enterpriseId: string): Promise<boolean> {
    if ((await listBotInstallations(database.query, [enterpriseId])).size > 0) return true;
    const owner = await token?.findTokenOwner();
    return owner !== undefined && 'teamId' in owner && owner.teamId === enterpriseId;
  }

  /** Those of the workspaces that an enterprise's installation serves: not those with one of their own. */
  async function excludeOwnInstallations(teamIds: readonly string[]): Promise<string[]> {
    const own = await listBotInstallations(database.query, teamIds);
    return teamIds.filter((teamId) => !own.has(teamId));
  }

  /** An enterprise's installation reaches these from now on. */
  async function addToEnterprise(teamIds: readonly string[], enterpriseId: string): Promise<void> {
    const known = await listEnterprises(database.query, teamIds);
    const added = teamIds.filter((teamId) => known.get(teamId) !== enterpriseId);
    if (added.length === 0) return;
    await database.transact(async (tx) => {
      for (const teamId of added) await saveEnterprise(tx, teamId, enterpriseId);
    });
  }

  /** Updates which workspaces are in the enterprise by Slack's list. Those that left stay listed: users may still have tokens. */
  async function listOfToken(enterpriseId: string, value: string): Promise<Workspace[]> {
    const listed = await listTeamsOfToken(callSlack, value);
    if (listed.ok) {
      await addToEnterprise(listed.teamIds, enterpriseId);
      const before = await listTeamsOfEnterprise(database.query, enterpriseId);
      const left = before.filter((teamId) => !listed.teamIds.includes(teamId));
      await database.transact((tx) => leaveEnterprise(tx, left, enterpriseId));
    } else logger.warn({ error: listed.error }, 'slack did not list the workspaces of the enterprise');
    const known = await listWorkspaces(database.query);
    const reached = await listTeamsOfEnterprise(database.query, enterpriseId);
    const ids = new Set([...reached, ...known.map(({ teamId }) => teamId)]);
    return [...ids].sort().map((teamId) => ({ teamId, enterpriseId }));
  }

  /** For an event that does not say whether it ends the workspace's installation or the enterprise's. */
  async function guessInstallation(teamId: string, enterpriseId: string, time: number): Promise<string> {
    const ended = await listInstallationEnds(database.query, [teamId, enterpriseId]);
    const hasJustEnded = (key: string) => Math.abs(time - (ended.get(key) ?? 0)) <= DUPLICATE_END_SECONDS;
    const [other] = await excludeOwnInstallations([teamId]);
    if (other === undefined || hasJustEnded(teamId)) return teamId;
    return hasJustEnded(enterpriseId) || (await isInstalledIn(enterpriseId)) ? enterpriseId : teamId;
  }

  return {
    /** The workspaces to sync. `error` where Slack could not say whose token `SLACK_BOT_TOKEN` is. */
    async list(): Promise<{ workspaces: Workspace[] } | { error: string }> {
      if (token === undefined) return { workspaces: await listWorkspaces(database.query) };
      const team = await token.findTokenOwner();
      if ('error' in team) return { error: team.error };
      const { teamId, enterpriseId } = team;
      if (isEnterpriseId(teamId)) return { workspaces: await listOfToken(teamId, token.value) };
      return { workspaces: [{ teamId, enterpriseId }] };
    },
    /** A workspace that has something in the log, with the enterprise that it is known to be in. */
    async find(teamId: string): Promise<Workspace> {
      const known = await listEnterprises(database.query, [teamId]);
      return { teamId, enterpriseId: known.get(teamId) || undefined };
    },
    /** The workspaces that an enterprise's installation serves: none where there is no such installation. */
    listOfEnterprise: async (enterpriseId: string): Promise<string[]> =>
      (await isInstalledIn(enterpriseId)) ? listTeamsOfEnterprise(database.query, enterpriseId) : [],
    /** Which installation an event ends: Slack does not always say so. */
    async findEndedInstallation({
      teamId,
      enterpriseId,
      isEnterpriseInstall,
      time,
    }: Workspace & { isEnterpriseInstall: boolean | undefined; time: number }): Promise<InstallationEnd> {
      const known = await listEnterprises(database.query, [teamId]);
      const enterprise = isEnterpriseId(teamId) ? teamId : enterpriseId || known.get(teamId);
      const isOrgWide = isEnterpriseInstall ?? (isEnterpriseId(teamId) ? true : undefined);
      const own = { installation: teamId, teamIds: [teamId] };
      if (!enterprise || isOrgWide === false) return own;
      const installation = isOrgWide ? enterprise : await guessInstallation(teamId, enterprise, time);
      if (installation !== enterprise) return own;
      const served = await excludeOwnInstallations(await listTeamsOfEnterprise(database.query, enterprise));
      return { installation, teamIds: [...new Set([teamId, ...served])] };
    },
    excludeOwnInstallations,
    addToEnterprise,
    /**
     * Those of the bots named that may be the current one: of `SLACK_BOT_TOKEN`, none as long as Slack does not say whose
     * it is.
     */
    async excludeFormerBots(botUserIds: readonly string[]): Promise<string[]> {
      if (token === undefined || botUserIds.length === 0) return [...botUserIds];
      // Bounded, since an event waits for it.
      const team = await withTimeout(token.findTokenOwner(), BOT_TIMEOUT_MS, clock);
      const known = team !== undefined && 'teamId' in team ? team.botUserId : undefined;
      return botUserIds.filter((id) => id === known);
    },
  };
}
