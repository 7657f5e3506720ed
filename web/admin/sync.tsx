import { toIsoTime } from '../../services/runtime/clock';
import type { Sweep } from '../../services/sync/store';
import { isLeased } from '../../services/sync/sweep';
import type { Route } from '../server';
import type { AdminVisit, Guard } from './guard';
import { sendAdminPage, sendPart, sendSeeOther } from './layout';
import { toLogHref } from './log/view';
import type { AdminParts } from './parts';
import { readForm } from './read-form';
import { Time, toDuration } from './time';

const PATH = '/admin/sync';
/** Shows only the first workspaces of a large organisation; a sweep covers all of them. */
const MAX_TEAMS_SHOWN = 100;

/** `GET /admin/sync`: the last sweep and the next, with `part=1` for a script to follow one; `POST` begins one. */
export function createSyncRoutes(
  guard: Guard,
  {
    sync,
    syncIntervalMs,
    accessLog,
    clock,
    background,
  }: Pick<AdminParts, 'sync' | 'syncIntervalMs' | 'accessLog' | 'clock' | 'background'>,
): Route[] {
  async function render(teamIds: readonly string[]) {
    const teams = await Promise.all(
      teamIds
        .slice(0, MAX_TEAMS_SHOWN)
        .map(async (teamId) => ({ teamId, sweep: await sync.findLastSweep(teamId) })),
    );
    return (
      <>
        {teams.map(({ teamId, sweep }) => (
          <TeamSync
            key={teamId}
            {...{ teamId, sweep, syncIntervalMs, nowMs: clock.now(), withTeam: teamIds.length > 1 }}
          />
        ))}
      </>
    );
  }

  return [
    guard.signedIn('GET', PATH, async ({ response, query, admin, teamIds }) => {
      const teams = await render(teamIds);
      if (query.has('part')) return sendPart(response, 200, teams);
      sendAdminPage(response, 200, {
        title: 'Sync',
        admin,
        navPath: PATH,
        children: (
          <>
            <h1>Sync</h1>
            <p>
              A sweep compares the record with what Slack holds, and mends it.{' '}
              {syncIntervalMs === 0
                ? 'None begins by itself: SYNC_INTERVAL_MINUTES is 0.'
                : `One begins every ${toDuration(syncIntervalMs)}.`}
            </p>
            <div id="sweeps" data-poll={`${PATH}?part=1&poll=1`} aria-live="polite">
              {teams}
            </div>
          </>
        ),
      });
    }),

    guard.signedIn('POST', PATH, async (visit) => {
      const teamId = await readTeam(visit);
      if (teamId !== undefined) {
        const { teamId: home, userId } = visit.admin;
        const teamIds = [...new Set([teamId, home])];
        await accessLog.record({ teamIds, userId, event: 'sync_pressed', detail: teamId });
        const workspace = { teamId, enterpriseId: visit.admin.enterpriseId };
        background.run('sync asked for on the page', async () => void (await sync.run(workspace)));
      }
      sendSeeOther(visit.response, PATH);
    }),
  ];
}

/** The team that the form names; undefined where the admin may not see it. */
async function readTeam({ request, teamIds }: AdminVisit): Promise<string | undefined> {
  const asked = (await readForm(request)).get('team');
  return teamIds.find((teamId) => teamId === asked);
}

interface TeamSyncProps {
  teamId: string;
  sweep: Sweep | undefined;
  syncIntervalMs: number;
  nowMs: number;
  withTeam: boolean;
}

function TeamSync({ teamId, sweep, syncIntervalMs, nowMs, withTeam }: TeamSyncProps) {
  const isRunning = isLeased(sweep, nowMs);
  return (
    <section class="card sweep" aria-label={`Sync of ${teamId}`} data-running={isRunning ? '' : undefined}>
      {withTeam && (
        <h2>
          <bdi>{teamId}</bdi>
        </h2>
      )}
      {sweep === undefined ? (
        <p>There was no sweep yet.</p>
      ) : (
        <SweepState sweep={sweep} isRunning={isRunning} />
      )}
      {!isRunning && sweep?.finishedAt !== undefined && syncIntervalMs > 0 && (
        <p>
          Next: <Time at={toIsoTime(Date.parse(sweep.finishedAt) + syncIntervalMs)} style="minute" />
        </p>
      )}
      <form method="post" action={PATH}>
        <input type="hidden" name="team" value={teamId} />
        <button type="submit" class="primary" disabled={isRunning}>
          {isRunning ? 'Sync is running' : 'Sync now'}
        </button>
      </form>
    </section>
  );
}

function SweepState({ sweep, isRunning }: { sweep: Sweep; isRunning: boolean }) {
  const { startedAt, finishedAt, users, lastUsers, changes, pages, state, error } = sweep;
  const skipped = <Skipped sweep={sweep} />;
  const changed = (
    <a
      href={toLogHref({
        source: 'users_list',
        since: startedAt,
        ...(finishedAt && { until: toEnd(finishedAt) }),
      })}
    >
      {changes === 1 ? '1 change' : `${changes} changes`}
    </a>
  );
  if (isRunning) {
    return (
      <>
        <p>
          Running since <Time at={startedAt} />: {users} users
          {lastUsers !== undefined && ` of about ${lastUsers}`} in {pages} pages, {changed} so far.
        </p>
        {lastUsers !== undefined && lastUsers > 0 && (
          <progress max={lastUsers} value={Math.min(users, lastUsers)} aria-label="Users compared" />
        )}
      </>
    );
  }
  if (state === 'failed') {
    return (
      <p>
        <strong class="fault">Failed</strong> {finishedAt !== undefined && <Time at={finishedAt} />}:{' '}
        <code>{error}</code>, after {users} users, {changed}.{skipped}
      </p>
    );
  }
  if (state !== 'done') return <p>Left at {users} users: it goes on from there.</p>;
  return (
    <p>
      <span aria-hidden="true">✓ </span>Done <Time at={finishedAt ?? startedAt} />
      {finishedAt !== undefined && ` in ${toDuration(Date.parse(finishedAt) - Date.parse(startedAt))}`}:{' '}
      {users} users compared, {changed}.{skipped}
    </p>
  );
}

/** Users that the sweep skipped, and why. */
function Skipped({ sweep: { skipped, skippedUsers } }: { sweep: Sweep }) {
  if (skipped === 0) return '';
  const others = skipped - skippedUsers.length;
  return (
    <>
      {' '}
      {skipped === 1 ? '1 user was' : `${skipped} users were`} skipped, and left as they are:{' '}
      {skippedUsers.map(({ userId, error }, index) => (
        <>
          {index > 0 && ', '}
          <bdi>{userId}</bdi> (<code>{error}</code>)
        </>
      ))}
      {others > 0 && ` and ${others} more`}.
    </>
  );
}

/** `until` is exclusive. */
function toEnd(at: string): string {
  return toIsoTime(Date.parse(at) + 1);
}
