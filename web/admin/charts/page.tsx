import type { Route } from '../../server';
import type { Guard } from '../guard';
import { sendAdminPage } from '../layout';
import type { AdminParts } from '../parts';
import { chooseTeams } from '../read-team';
import { AnswerTimes } from './answer-times';
import { ExpiredTriggers } from './expired-triggers';
import { GrantRates } from './grant-rates';
import { RequestEndings } from './request-endings';

const PATH = '/admin/picture';
const DAYS = 30;

/** `GET /admin/picture`: the last thirty days at a glance. */
export function createChartsRoute(guard: Guard, { adminReports }: Pick<AdminParts, 'adminReports'>): Route {
  return guard.signedIn('GET', PATH, async ({ response, query, admin, teamIds: all }) => {
    const teamIds = chooseTeams(query, all);
    const days = teamIds.length === 0 ? [] : await adminReports.dailyStats.list(teamIds, DAYS);
    sendAdminPage(response, teamIds.length === 0 ? 400 : 200, {
      title: 'The last 30 days',
      admin,
      navPath: PATH,
      children: (
        <>
          <h1>The last {DAYS} days</h1>
          {days.length === 0 ? (
            <p role="alert" class="faults">
              There is no such workspace that you may see. <a href={PATH}>Show all of them</a>
            </p>
          ) : (
            <>
              <p class="soft">
                Days are UTC. Each point leads to its entries in the log. A request that was granted in part
                counts as granted, and as denied.
              </p>
              <div class="plots">
                <RequestEndings days={days} />
                <AnswerTimes days={days} />
                <GrantRates days={days} />
                <ExpiredTriggers days={days} />
              </div>
            </>
          )}
        </>
      ),
    });
  });
}
