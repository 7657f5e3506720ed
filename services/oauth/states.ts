import type { Queryable } from '../database/schema';
import { toSha256 } from '../runtime/secrets/sha256';
import type { Member } from '../slack/workspace';

/** How long a `state` is valid: as long as Slack's code, and the cookie of an installation. */
export const STATE_TTL_MS = 10 * 60_000;
/** How long an expired state is kept, so that the page can say that it expired. */
const EXPIRED_STATE_TTL_MS = 24 * 60 * 60_000;

/** Which request a consent answers, and who has to give it. */
export interface ConsentState extends Member {
  requestId: string;
  /** The modal that shows the outcome. */
  viewId: string | undefined;
}

/** Whether a `state` that a browser brought is valid. */
export type StateCheck = { is: 'consent'; consent: ConsentState } | { is: 'unknown' | 'used' | 'expired' };

/** Only the use of an installation's state is stored. True for the one caller that used it. */
export async function insertUsedInstallState(
  db: Queryable,
  state: string,
  { expiresAtMs, at }: { expiresAtMs: number; at: string },
): Promise<boolean> {
  const result = await db
    .insertInto('oauth_states')
    .values({ state_hash: toSha256(state), purpose: 'install', expires_at_ms: expiresAtMs, used_at: at })
    .onConflict((conflict) => conflict.column('state_hash').doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function insertConsentState(
  db: Queryable,
  { stateHash, expiresAtMs, consent }: { stateHash: string; expiresAtMs: number; consent: ConsentState },
): Promise<void> {
  await db
    .insertInto('oauth_states')
    .values({
      state_hash: stateHash,
      purpose: 'consent',
      request_id: consent.requestId,
      enterprise_id: consent.enterpriseId ?? null,
      team_id: consent.teamId,
      user_id: consent.userId,
      view_id: consent.viewId ?? null,
      expires_at_ms: expiresAtMs,
    })
    .execute();
}

export async function checkState(db: Queryable, state: string, now: number): Promise<StateCheck> {
  const row = await db
    .selectFrom('oauth_states')
    .selectAll()
    .where('state_hash', '=', toSha256(state))
    .executeTakeFirst();
  if (row === undefined) return { is: 'unknown' };
  if (row.used_at !== null) return { is: 'used' };
  if (row.expires_at_ms <= now) return { is: 'expired' };
  // An installation's, which is stored only once it is used, has none of these.
  if (row.request_id === null || row.team_id === null || row.user_id === null) return { is: 'unknown' };
  return {
    is: 'consent',
    consent: {
      requestId: row.request_id,
      enterpriseId: row.enterprise_id ?? undefined,
      teamId: row.team_id,
      userId: row.user_id,
      viewId: row.view_id ?? undefined,
    },
  };
}

/** True for the one caller that used it. */
export async function consumeState(
  db: Queryable,
  state: string,
  { at, now }: { at: string; now: number },
): Promise<boolean> {
  const result = await db
    .updateTable('oauth_states')
    .set({ used_at: at })
    .where('state_hash', '=', toSha256(state))
    .where('used_at', 'is', null)
    .where('expires_at_ms', '>', now)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Uses up the request's open states; returns the modals that show it, or undefined where none was open. */
export async function consumeStatesOfRequest(
  db: Queryable,
  requestId: string,
  at: string,
): Promise<string[] | undefined> {
  const rows = await db
    .updateTable('oauth_states')
    .set({ used_at: at })
    .where('request_id', '=', requestId)
    .where('used_at', 'is', null)
    .returning('view_id')
    .execute();
  return rows.length === 0 ? undefined : rows.flatMap(({ view_id }) => view_id ?? []);
}

export async function deleteOldStates(db: Queryable, now: number): Promise<void> {
  await db
    .deleteFrom('oauth_states')
    .where('expires_at_ms', '<', now - EXPIRED_STATE_TTL_MS)
    .execute();
}
