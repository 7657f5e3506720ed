import type { Database } from '../../database/database';
import type { Queryable } from '../../database/schema';
import { type Clock, hasElapsed, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { LogSigner } from '../../runtime/secrets/log-signer';
import type { ClockSkew } from '../../slack/clock-skew';
import { listChainedTeams, saveStub } from './chain-store';
import {
  deleteOldEntries,
  deleteOldEvents,
  deleteOldGrants,
  deleteOldHomes,
  deleteOldRequests,
  findLastExpired,
  type GrantKey,
} from './retention-store';

const DAY_MS = 24 * 60 * 60_000;
/** Per transaction: a long one would delay events. */
const BATCH_SIZE = 500;
const RUN_INTERVAL_MS = 60 * 60_000;

/**
 * Deletes whole days (UTC) at the old end of each team's log, and what else is stored of those days. The same
 * transaction signs a stub in place of the deleted entries: the rest of the chain verifies from its hash on.
 */
export function createRetention(parts: {
  database: Database;
  signer: LogSigner;
  clock: Clock;
  /** Nothing is deleted unless Slack's clock confirms this machine's: a wrong clock would delete everything. */
  clockSkew?: Pick<ClockSkew, 'isConfirmed'>;
  logger: Logger;
  /** 0: nothing is deleted. */
  retentionDays: number;
  /** Other logs with the same retention. */
  otherLogs?: readonly { deleteBefore(time: string): Promise<void> }[];
}) {
  const { database, signer, clock, clockSkew, logger, retentionDays, otherLogs = [] } = parts;
  let lastRunAt = Number.NEGATIVE_INFINITY;
  /** The day up to which everything beside the log was deleted; that runs once a day. */
  let restBefore: string | undefined;

  async function deleteBatch(teamId: string, before: string): Promise<number> {
    return database.transactTeams([teamId], async (tx) => {
      const last = await findLastExpired(tx, { teamId, before, limit: BATCH_SIZE });
      if (last === undefined || last.team_seq === null || last.hash === null) return 0;
      const stub = { teamId, teamSeq: last.team_seq, seq: last.seq, hash: last.hash, until: before };
      await saveStub(tx, signer, stub, toIsoTime(clock.now()));
      return deleteOldEntries(tx, { teamId, upTo: last.seq });
    });
  }

  /** Deletes events, requests, grant states and App Homes. */
  async function deleteRest(before: string, teamIds: readonly string[]): Promise<void> {
    const limit = BATCH_SIZE;
    await deletePages<string>((tx, after = '') => deleteOldEvents(tx, { before, after, limit }));
    await deletePages<string>((tx, after = '') => deleteOldRequests(tx, { before, after, limit }));
    for (const teamId of teamIds)
      await deletePages<GrantKey>((tx, after = ['', '']) =>
        deleteOldGrants(tx, { teamId, before, after, limit }),
      );
    await database.transact((tx) => deleteOldHomes(tx, before));
  }

  /** A transaction each; `deletePage` returns the key after which the next page begins. */
  async function deletePages<Key>(
    deletePage: (tx: Queryable, after: Key | undefined) => Promise<Key | undefined>,
  ): Promise<void> {
    let after: Key | undefined;
    do after = await database.transact((tx) => deletePage(tx, after));
    while (after !== undefined);
  }

  return {
    /** Runs at most once an hour. */
    async run(): Promise<void> {
      const now = clock.now();
      if (retentionDays === 0 || !hasElapsed(lastRunAt + RUN_INTERVAL_MS, now, RUN_INTERVAL_MS)) return;
      if (clockSkew !== undefined && !clockSkew.isConfirmed()) return;
      lastRunAt = now;
      const before = toIsoTime(Math.floor(now / DAY_MS) * DAY_MS - retentionDays * DAY_MS);
      const teamIds = await listChainedTeams(database.query);
      for (const teamId of teamIds) {
        let deleted = 0;
        for (let count = -1; count !== 0; deleted += count) count = await deleteBatch(teamId, before);
        if (deleted > 0) logger.info({ team_id: teamId, entries: deleted, before }, 'old entries deleted');
      }
      if (before === restBefore) return;
      await deleteRest(before, teamIds);
      for (const other of otherLogs) await other.deleteBefore(before);
      restBefore = before;
    },
  };
}
