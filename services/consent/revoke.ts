import type { Clock } from '../clock';
import type { Database } from '../database/database';
import { recordEvents } from '../grants/record-events';
import { listGrantRows } from '../grants/store';
import type { Renewal } from '../installations/renewal';
import { deleteToken } from '../installations/token-store';
import { findUserToken } from '../installations/user-store';
import type { Metrics } from '../metrics/metrics';
import { createReference } from '../reference';
import { type InFlight, toRevocationKey } from '../requests/in-flight';
import type { CallSlack } from '../slack-api';
import type { Member } from '../workspace';

/** What came of taking everything back. */
export type RevokeOutcome =
  | { kind: 'revoked'; scopes: string[] }
  /** The user holds nothing. */
  | { kind: 'nothing' }
  /** Granted by Slack's own prompt: only Slack's settings take that back. */
  | { kind: 'only_in_slack'; scopes: string[] }
  | { kind: 'failed'; error: string };

/** Takes back what a user granted. Slack revokes a token as a whole: https://docs.slack.dev/reference/methods/auth.revoke */
export interface Revocation {
  /** Ends with `revoked` also where Slack had done so before. */
  revoke(member: Member): Promise<RevokeOutcome>;
}

/** With these Slack says that the token is no good: there is nothing left to revoke. */
export const DEAD_TOKEN_ERRORS = new Set([
  'token_revoked',
  'token_expired',
  'invalid_auth',
  'account_inactive',
]);

/** Where no token is ever held: with the native backend alone. */
export function createNoRevocation({ database }: { database: Database }): Revocation {
  return { revoke: (member) => withoutToken(database, member) };
}

export function createRevocation({
  database,
  renewal,
  callSlack,
  inFlight,
  clock,
  metrics,
  onNotice,
}: {
  database: Database;
  renewal: Renewal;
  callSlack: CallSlack;
  inFlight: InFlight;
  clock: Clock;
  metrics: Metrics;
  onNotice: () => void;
}): Revocation {
  async function revoke(member: Member): Promise<RevokeOutcome> {
    const sealed = await findUserToken(database.query, member);
    if (sealed === undefined) return withoutToken(database, member);
    const fresh = await renewal.getFresh(sealed);
    // Its scopes stand at Slack as long as it can be renewed.
    if (fresh.is === 'expired') return { kind: 'failed', error: fresh.error };
    // Read before Slack is asked: its event may end them first.
    const held = await listHeld(database, member);
    const answer = fresh.is === 'good' ? await callSlack('auth.revoke', { token: fresh.token }) : undefined;
    if (answer?.ok === false && !DEAD_TOKEN_ERRORS.has(answer.error)) {
      return { kind: 'failed', error: answer.error };
    }
    const { teamId, enterpriseId, userId } = member;
    const time = answer?.ok ? answer.time : Math.floor(clock.now() / 1_000);
    const { entries } = await database.transactTeams([teamId], async (tx) => {
      const told = {
        source: 'oauth',
        eventId: `revoke ${createReference()}`,
        time,
        triggerId: undefined,
      } as const;
      const removed = { type: 'removed', teamId, enterpriseId, userId, ...told } as const;
      const recorded = await recordEvents(tx, [removed], clock.now());
      await deleteToken(tx, sealed);
      return recorded;
    });
    metrics.logged(entries);
    onNotice();
    return { kind: 'revoked', scopes: held };
  }

  return {
    revoke: (member) => inFlight.track(toRevocationKey(member), revoke(member)),
  };
}

async function withoutToken(database: Database, member: Member): Promise<RevokeOutcome> {
  const scopes = await listHeld(database, member);
  return scopes.length === 0 ? { kind: 'nothing' } : { kind: 'only_in_slack', scopes };
}

async function listHeld(database: Database, { teamId, userId }: Member): Promise<string[]> {
  return (await listGrantRows(database.query, { teamId, userId })).map(({ scope }) => scope);
}
