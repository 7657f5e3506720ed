import type { Catalog } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import { findHead } from '../../grants/log/chain-store';
import type { SendResult } from '../../messages/messenger';
import type { PermissionsBackend } from '../../permissions/backend';
import type { Background } from '../../runtime/background';
import { type Clock, isOver, toIsoTime } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import { LONGEST_RETRY_AFTER_MS } from '../../slack/rate-limit';
import type { Member } from '../../slack/workspace';
import type { Admins } from '../admins';
import { type HomeContent, readHome } from './content';
import { createMarker } from './marker';
import {
  type DueHome,
  deleteHome,
  listDue,
  postponeHome,
  saveOpened,
  savePublished,
  takeHome,
} from './store';

/** The app's homes in Slack, kept as fresh as the log. */
export interface Homes {
  /** Somebody looks at theirs: remembered, and published in the background. Resolves when it is in the database. */
  open(member: Member): Promise<void>;
  /** Publishes, in the background, what the log has left behind, also where another instance wrote it. */
  refresh(): void;
}

/** At a time, and each time that `refresh` is called: Slack takes some hundred a minute of a workspace (Tier 4). */
const BATCH = 10;
/** Longer than Slack can take to say who somebody is and to take a home: until then nobody else publishes it. */
const LEASE_MS = 60_000;
const MAX_ATTEMPTS = 8;

export function createHomes({
  database,
  grants,
  catalog,
  admins,
  backend,
  clock,
  background,
  logger,
  publish,
}: {
  database: Database;
  grants: Grants;
  catalog: Catalog;
  admins: Admins;
  backend: Pick<PermissionsBackend, 'kind'>;
  clock: Clock;
  background: Background;
  logger: Logger;
  publish: (member: Member, content: HomeContent) => Promise<SendResult>;
}): Homes {
  const marker = createMarker({ database, clock });
  /** Teams in which Slack is being asked too often, and until when. */
  const pausedUntil = new Map<string, number>();
  let isAtWork = false;
  let isWanted = false;

  async function publishOne(home: DueHome): Promise<void> {
    // What is read after it shows at least that.
    const seq = (await findHead(database.query, home.teamId))?.seq ?? 0;
    const content = await readHome({ database, grants, catalog, admins, backend }, home, clock.now());
    const result = await publish(home, content);
    if (!result.sent) return retryLater(home, result);
    const { is } = content.log;
    const isAdmin = is === 'unknown' ? undefined : is === 'shown';
    await database.transact((tx) => savePublished(tx, home, { seq, isAdmin, now: clock.now() }));
  }

  async function retryLater(home: DueHome, result: SendResult & { sent: false }): Promise<void> {
    const { error, again, retryAfterMs } = result;
    const about = { error, team_id: home.teamId, user_id: home.userId, attempts: home.attempts + 1 };
    if (!again || home.attempts + 1 >= MAX_ATTEMPTS) {
      logger.warn(about, 'a home could not be published: given up until it is opened again');
      return database.transact((tx) => deleteHome(tx, home));
    }
    logger.info(about, 'a home could not be published yet');
    const dueAt = clock.now() + (retryAfterMs ?? 1_000 * 2 ** home.attempts);
    if (retryAfterMs !== undefined) pausedUntil.set(home.teamId, dueAt);
    await database.transact((tx) => postponeHome(tx, home, dueAt));
  }

  async function publishDue(): Promise<void> {
    const now = clock.now();
    for (const [teamId, until] of pausedUntil)
      if (isOver(until, now, LONGEST_RETRY_AFTER_MS)) pausedUntil.delete(teamId);
    const due = await listDue(database.query, { now, limit: BATCH, notOf: [...pausedUntil.keys()] });
    if (due.length === 0) return;
    const leaseUntil = now + LEASE_MS;
    const taken = await database.transact(async (tx) => {
      const ours: DueHome[] = [];
      for (const home of due)
        if (await takeHome(tx, home, { now, leaseUntil })) ours.push({ ...home, leaseUntil });
      return ours;
    });
    await Promise.all(taken.map(publishOne));
  }

  async function work(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      await marker.markOutdated();
      await publishDue();
    }
  }

  function refresh(): void {
    isWanted = true;
    if (isAtWork) return;
    isAtWork = true;
    background.run('homes', () =>
      work().finally(() => {
        isAtWork = false;
      }),
    );
  }

  return {
    async open(member) {
      const now = clock.now();
      await database.transact((tx) => saveOpened(tx, member, toIsoTime(now), now));
      refresh();
    },
    refresh,
  };
}
