import { LRUCache } from 'lru-cache';
import type { Database } from '../database/database';
import type { Background } from '../runtime/background';
import { type Clock, isFresh } from '../runtime/clock';
import { isOrganisationId } from '../slack/workspace';
import { listOrganisations, saveOrganisation } from './workspace-store';

export type Organisations = ReturnType<typeof createOrganisations>;

/** Every payload says it again: it is compared with the database this often. */
const COMPARE_EVERY_MS = 10_000;
const COMPARED_KEPT = 10_000;

/** Stores which organisation each workspace is in, as Slack said last: not every payload says so. */
export function createOrganisations({
  database,
  background,
  clock,
}: {
  database: Database;
  background: Background;
  clock: Clock;
}) {
  const compared = new LRUCache<string, { enterpriseId: string; at: number }>({ max: COMPARED_KEPT });

  async function compare(teamId: string, enterpriseId: string): Promise<void> {
    const known = (await listOrganisations(database.query, [teamId])).get(teamId) ?? '';
    if (known !== enterpriseId) await database.transact((tx) => saveOrganisation(tx, teamId, enterpriseId));
  }

  return {
    /** Takes what a payload says of a workspace, in the background: null means none, undefined nothing. */
    learn(said: { teamId: string; enterpriseId: string | null | undefined }): void {
      const { teamId } = said;
      if (said.enterpriseId === undefined || teamId === '' || isOrganisationId(teamId)) return;
      const enterpriseId = said.enterpriseId ?? '';
      const last = compared.get(teamId);
      const isSame = last?.enterpriseId === enterpriseId;
      if (isSame && isFresh(last.at, clock.now(), COMPARE_EVERY_MS)) return;
      compared.set(teamId, { enterpriseId, at: clock.now() });
      background.run('organisation of a workspace', () => compare(teamId, enterpriseId));
    },
  };
}
