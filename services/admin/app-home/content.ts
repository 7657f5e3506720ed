import { type Catalog, type CatalogEntry, isOffered } from '../../config/catalog';
import type { Database } from '../../database/database';
import type { Grants } from '../../grants/grants';
import type { LogEntry, LogEvent } from '../../grants/log/entry';
import type { PermissionsBackend } from '../../permissions/backend';
import { toIsoTime } from '../../runtime/clock';
import type { Member } from '../../slack/workspace';
import type { Admins } from '../admins';
import { countSince } from './store';

/** A scope that the user granted. */
export interface HeldScope {
  scope: string;
  /** ISO 8601, UTC. */
  since: string;
  /** Undefined where the scope is no longer in the catalog. */
  entry: CatalogEntry | undefined;
  /** What the user wrote when they asked for it. */
  reason: string | null;
}

/** What admins see of their workspace's log. */
export interface LogSummary {
  latest: LogEntry[];
  /** The number of entries by event in the last seven days. */
  week: ReadonlyMap<LogEvent, number>;
}

export interface HomeContent {
  /** The workspace that its buttons ask for. */
  teamId: string;
  /** When it was read: ISO 8601, UTC. */
  at: string;
  held: HeldScope[];
  open: CatalogEntry[];
  /** `unknown` where Slack did not say whether the user is an admin, with the reason. */
  log: { is: 'shown'; summary: LogSummary } | { is: 'hidden' } | { is: 'unknown'; error: string };
}

const LATEST_ENTRIES = 10;
const WEEK_MS = 7 * 24 * 60 * 60_000;
/** The user's reasons are looked for in this many of their newest grants. */
const MAX_GRANTS_READ = 100;

interface Dependencies {
  database: Database;
  grants: Grants;
  catalog: Catalog;
  admins: Admins;
  backend: Pick<PermissionsBackend, 'kind'>;
}

/** Reads what a home shows. Asks Slack each time whether an admin still is one; others count as members until they open it again. */
export async function loadHomeContent(
  { database, grants, catalog, admins, backend }: Dependencies,
  member: Member & { wasAdmin: boolean | undefined },
  nowMs: number,
): Promise<HomeContent> {
  const { teamId, userId } = member;
  const check = member.wasAdmin === false ? { is: 'member' as const } : await admins.check(member);
  const held = await listHeld({ grants, catalog }, { teamId, userId });
  const kind = await backend.kind(member);
  const isHeld = new Set(held.map(({ scope }) => scope));
  const content = {
    teamId,
    at: toIsoTime(nowMs),
    held,
    open: catalog.entries.filter((entry) => !isHeld.has(entry.scope) && isOffered(entry, kind)),
  };
  if (check.is === 'unknown') return { ...content, log: check };
  if (check.is === 'member') return { ...content, log: { is: 'hidden' } };
  const { items: latest } = await grants.listLog({
    filter: { teamId },
    order: 'desc',
    limit: LATEST_ENTRIES,
  });
  const week = await countSince(database.query, teamId, toIsoTime(nowMs - WEEK_MS));
  return { ...content, log: { is: 'shown', summary: { latest, week } } };
}

async function listHeld(
  { grants, catalog }: Pick<Dependencies, 'grants' | 'catalog'>,
  owner: { teamId: string; userId: string },
): Promise<HeldScope[]> {
  const held = await grants.listGrants(owner);
  if (held.length === 0) return [];
  const filter = { ...owner, event: 'granted' } as const;
  const { items } = await grants.listLog({ filter, order: 'desc', limit: MAX_GRANTS_READ });
  return held.map(({ scope, grantedAt }) => ({
    scope,
    since: grantedAt,
    entry: catalog.find(scope),
    // An entry with an error came too late to count.
    reason: items.find(({ scopes, error }) => error === null && scopes.includes(scope))?.reason ?? null,
  }));
}
