import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import { type Clock, isFresh } from '../runtime/clock';
import { isEnterpriseId } from '../slack/workspace';
import { listEnterprises, saveEnterprise } from './workspace-store';

export type Enterprises = ReturnType<typeof createEnterprises>;

/** Every payload names the enterprise: it is compared with the database this often. */
const COMPARE_EVERY_MS = 10_000;
const MAX_COMPARED = 10_000;

/** Stores which enterprise each workspace is in, as Slack said last: not every payload names it. */
export function createEnterprises({
  database,
  background,
  clock,
}: {
  database: Database;
  background: Background;
  clock: Clock;
}) {
  const compared = new LRUCache<string, { enterpriseId: string; at: number }>({ max: MAX_COMPARED });

  async function compare(teamId: string, enterpriseId: string): Promise<void> {
    const known = (await listEnterprises(database.query, [teamId])).get(teamId) ?? '';
    if (known !== enterpriseId) await database.transact((tx) => saveEnterprise(tx, teamId, enterpriseId));
  }

  return {
    /** Takes what a payload says of a workspace, in the background: null means none, undefined nothing. */
    learn(said: { teamId: string; enterpriseId: string | null | undefined }): void {
      const { teamId } = said;
      if (said.enterpriseId === undefined || teamId === '' || isEnterpriseId(teamId)) return;
      const enterpriseId = said.enterpriseId ?? '';
      const last = compared.get(teamId);
      const isSame = last?.enterpriseId === enterpriseId;
      if (isSame && isFresh(last.at, clock.now(), COMPARE_EVERY_MS)) return;
      compared.set(teamId, { enterpriseId, at: clock.now() });
      background.run('enterprise of a workspace', () => compare(teamId, enterpriseId));
    },
  };
}
