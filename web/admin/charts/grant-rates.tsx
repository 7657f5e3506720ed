import type { DayStats } from '../../../services/admin/day-stats';
import { toLogHref } from '../log/view';
import { ScopeLink } from '../names';

interface GrantRate {
  scope: string;
  asked: number;
  granted: number;
}

/** The share of requests for a scope that were granted. A table; its bars are decoration. */
export function GrantRates({ days }: { days: readonly DayStats[] }) {
  const shares = toShares(days);
  const since = days[0]?.day ?? '';
  return (
    <section class="card plot" aria-labelledby="shares-title">
      <h2 id="shares-title">Asked and granted, by scope</h2>
      {shares.length === 0 ? (
        <p class="empty">Nobody has been asked.</p>
      ) : (
        <table class="shares">
          <caption class="unseen">Share of asks that ended granted, by scope</caption>
          <thead>
            <tr>
              <th scope="col">Scope</th>
              <th scope="col" class="number">
                Asked
              </th>
              <th scope="col" class="number">
                Granted
              </th>
              <th scope="col">Share</th>
            </tr>
          </thead>
          <tbody>
            {shares.map(({ scope, asked, granted }) => (
              <tr key={scope}>
                <th scope="row">
                  <ScopeLink scope={scope} />
                </th>
                <td class="number">
                  <a href={toLogHref({ scope, event: 'requested', asked: 'yes', since })}>{asked}</a>
                </td>
                <td class="number">
                  <a href={toLogHref({ scope, event: 'granted', asked: 'yes', since })}>{granted}</a>
                </td>
                <td class="share">
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="ground" width="100" height="10" rx="1" />
                    <rect class="bar granted" width={toShare(asked, granted)} height="10" rx="1" />
                  </svg>
                  {`${toShare(asked, granted)} %`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** Sorted by the number of requests, largest first. */
function toShares(days: readonly DayStats[]): GrantRate[] {
  const shares = new Map<string, GrantRate>();
  for (const [scope, { asked, granted }] of days.flatMap((day) => [...day.scopes])) {
    const share = shares.get(scope) ?? { scope, asked: 0, granted: 0 };
    shares.set(scope, { scope, asked: share.asked + asked, granted: share.granted + granted });
  }
  return [...shares.values()].sort((a, b) => b.asked - a.asked || (a.scope < b.scope ? -1 : 1));
}

/** In per cent, at most 100: a grant of these days may answer a request of earlier ones. */
function toShare(asked: number, granted: number): number {
  return asked === 0 ? 100 : Math.min(100, Math.round((100 * granted) / asked));
}
