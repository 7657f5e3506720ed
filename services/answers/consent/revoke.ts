import type { Database } from '../../database/database';
import { listGrantsFromStore } from '../../grants/store';
import type { Metrics } from '../../metrics/metrics';
import type { FreshToken, Renewal } from '../../oauth/renewal';
import { revokeTokenPair, type TokenPairRevocation } from '../../oauth/revoke-token-pair';
import { deleteToken } from '../../oauth/token-store';
import { findUserToken } from '../../oauth/user-store';
import { type InFlight, toRevocationKey } from '../../permissions/requests/in-flight';
import type { Clock } from '../../runtime/clock';
import { createShortId } from '../../runtime/short-id';
import type { CallSlack } from '../../slack/web-api';
import type { Member } from '../../slack/workspace';
import type { RemovedEvent } from '../event';
import { recordEvents } from '../record';

/** The outcome of taking everything back. */
export type RevokeOutcome =
  | { kind: 'revoked'; scopes: string[] }
  /** The user holds nothing. */
  | { kind: 'nothing' }
  /** Granted by Slack's own prompt: only Slack's settings take that back. */
  | { kind: 'only_in_slack'; scopes: string[] }
  /** Slack did not confirm it. The token is kept; `stands` says what is still valid at Slack. */
  | { kind: 'failed'; error: string; stands: 'all' | 'token' | 'refresh_token' };

export type Revocation = ReturnType<typeof createRevocation>;

/** Takes back what a user granted. Slack revokes a token as a whole: https://docs.slack.dev/reference/methods/auth.revoke */
export function createRevocation(parts: {
  database: Database;
  /** Undefined without OAuth: no token is stored then. */
  renewal: Renewal | undefined;
  callSlack: CallSlack;
  inFlight: InFlight;
  clock: Clock;
  metrics: Metrics;
  onNotice: () => void;
}) {
  const { database, renewal, callSlack, inFlight, clock, metrics, onNotice } = parts;

  async function revoke(member: Member): Promise<RevokeOutcome> {
    const sealed = await findUserToken(database.query, member);
    if (renewal === undefined || sealed === undefined) {
      const scopes = await listHeld(member);
      return scopes.length === 0 ? { kind: 'nothing' } : { kind: 'only_in_slack', scopes };
    }
    const fresh = await renewal.getFresh(sealed, { isForRevocation: true });
    // While it can be renewed, its scopes stay granted at Slack.
    if (fresh.is === 'unusable') return { kind: 'failed', error: fresh.failure.error, stands: 'all' };
    // Read before the call: Slack's event may end the grants first.
    const held = await listHeld(member);
    const revoked = fresh.is === 'good' ? await revokeTokenPair(callSlack, fresh) : undefined;
    const failure = revoked && toFailure(revoked, fresh);
    if (failure !== undefined) return failure;
    const { teamId, enterpriseId, userId } = member;
    const removed: RemovedEvent = {
      ...{ type: 'removed', source: 'oauth', eventId: `revoke ${createShortId()}`, triggerId: undefined },
      ...{ teamId, enterpriseId, userId, time: revoked?.time ?? Math.floor(clock.now() / 1_000) },
    };
    const { entries } = await database.transactTeams([teamId], async (tx) => {
      const recorded = await recordEvents(tx, [removed], clock.now());
      await deleteToken(tx, sealed);
      // Where the renewed token could not be stored, the old one is still in its place.
      if (fresh.is === 'good') await deleteToken(tx, fresh.sealed);
      return recorded;
    });
    metrics.logged(entries);
    onNotice();
    return { kind: 'revoked', scopes: held };
  }

  async function listHeld({ teamId, userId }: Member): Promise<string[]> {
    return (await listGrantsFromStore(database.query, { teamId, userId })).map(({ scope }) => scope);
  }

  return {
    /** Returns `revoked` also where Slack had revoked the token before. */
    revoke: (member: Member): Promise<RevokeOutcome> =>
      inFlight.track(toRevocationKey(member), revoke(member)),
  };
}

function toFailure(
  { error, refreshError }: TokenPairRevocation,
  fresh: FreshToken,
): Extract<RevokeOutcome, { kind: 'failed' }> | undefined {
  const isPair = fresh.is === 'good' && fresh.refreshToken !== undefined;
  if (error !== undefined) {
    return { kind: 'failed', error, stands: isPair && refreshError === undefined ? 'token' : 'all' };
  }
  return refreshError === undefined
    ? undefined
    : { kind: 'failed', error: refreshError, stands: 'refresh_token' };
}
