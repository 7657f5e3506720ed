import type { DayStats } from '../../../services/admin/day-stats';
import { toLogHref } from '../log/view';
import { Axes, BOTTOM, Drawing, Figure, HEIGHT, PLOT_HEIGHT, PLOT_WIDTH, Point, toTicks, toX } from './chart';
import { toDayRange } from './day-range';

/** Triggers that expired before Slack showed anything. */
export function ExpiredTriggers({ days }: { days: readonly DayStats[] }) {
  const counts = days.map(({ day, expiredTriggers }) => ({
    day,
    count: [...expiredTriggers.values()].reduce((a, b) => a + b, 0),
    ranOut: expiredTriggers,
  }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const ticks = toTicks(Math.max(...counts.map(({ count }) => count)));
  const most = ticks.at(-1) ?? 1;
  const toY = (count: number) => HEIGHT - BOTTOM - (count * PLOT_HEIGHT) / most;
  const width = PLOT_WIDTH / days.length - 3;
  const summary = total === 0 ? `None in ${days.length} days.` : `${total} in ${days.length} days.`;
  return (
    <Figure
      id="ran-out"
      title="Triggers that ran out"
      summary={summary}
      table={
        <table>
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col">Error</th>
              <th scope="col" class="number">
                Triggers
              </th>
            </tr>
          </thead>
          <tbody>
            {counts.toReversed().flatMap(({ day, ranOut }) =>
              [...ranOut].map(([error, count]) => (
                <tr key={`${day} ${error}`}>
                  <th scope="row">{day}</th>
                  <td>
                    <code>{error}</code>
                  </td>
                  <td class="number">
                    <a href={toHref(day, [error])}>{count}</a>
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      }
    >
      <Drawing label={`Triggers that ran out, a bar a day. ${summary}`}>
        <Axes
          days={days.map(({ day }) => day)}
          ticks={ticks.map((tick) => ({ y: toY(tick), text: tick.toLocaleString('en') }))}
        />
        {counts.map(({ day, count, ranOut }, index) =>
          count === 0 ? null : (
            <Point key={day} href={toHref(day, [...ranOut.keys()])} label={`${day}: ${count}`}>
              <rect
                class="bar failed"
                fill="url(#fill-failed)"
                x={toX(index, days.length) - width / 2}
                y={toY(count)}
                width={width}
                height={(count * PLOT_HEIGHT) / most}
              />
            </Point>
          ),
        )}
      </Drawing>
    </Figure>
  );
}

/** The log filters by one error; a day with several links to everything that failed on it. */
function toHref(day: string, errors: readonly string[]): string {
  const q = errors.length === 1 ? errors[0] : undefined;
  return toLogHref({ event: 'failed', asked: 'yes', ...toDayRange(day), ...(q !== undefined && { q }) });
}
