import { type DayStats, type Ending, endings } from '../../../services/admin/day-stats';
import { EVENT_LABELS } from '../labels';
import { toLogHref } from '../log/view';
import { Axes, BOTTOM, Drawing, Figure, HEIGHT, PLOT_HEIGHT, PLOT_WIDTH, Point, toTicks, toX } from './chart';
import { toDayRange } from './day-range';

const FILLS: Record<Ending, string | undefined> = {
  granted: undefined,
  denied: 'url(#fill-denied)',
  unanswered: 'url(#fill-unanswered)',
  failed: 'url(#fill-failed)',
};

/** Requests by how they ended, one bar a day. */
export function RequestEndings({ days }: { days: readonly DayStats[] }) {
  const totals = endings.map((ending) => sum(days.map((day) => day.endings[ending])));
  const ticks = toTicks(Math.max(...days.map((day) => sum(Object.values(day.endings)))));
  const most = ticks.at(-1) ?? 1;
  const summary = endings
    .map((ending, index) => `${totals[index]} ${EVENT_LABELS[ending].toLowerCase()}`)
    .join(', ');
  return (
    <Figure
      id="endings"
      title="How requests ended"
      summary={`In ${days.length} days: ${summary}.`}
      legend={endings.map((ending) => (
        <li key={ending}>
          <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
            <rect class={`bar ${ending}`} width="14" height="14" fill={FILLS[ending]} />
          </svg>
          {EVENT_LABELS[ending]}
        </li>
      ))}
      table={<EndingTable days={days} />}
    >
      <Drawing label={`Requests by their ending, a bar a day. ${summary}.`}>
        <Axes
          days={days.map(({ day }) => day)}
          ticks={ticks.map((tick) => ({ y: toY(tick, most), text: tick.toLocaleString('en') }))}
        />
        {days.map((day, index) => (
          <Bar
            key={day.day}
            day={day}
            x={toX(index, days.length)}
            width={PLOT_WIDTH / days.length - 3}
            most={most}
          />
        ))}
      </Drawing>
    </Figure>
  );
}

function Bar({ day, x, width, most }: { day: DayStats; x: number; width: number; most: number }) {
  let below = 0;
  return (
    <g>
      {endings.map((ending) => {
        const count = day.endings[ending];
        if (count === 0) return null;
        below += count;
        const y = toY(below, most);
        return (
          <Point
            key={ending}
            href={toHref(day.day, ending)}
            label={`${day.day}: ${count} ${EVENT_LABELS[ending].toLowerCase()}`}
          >
            <rect
              class={`bar ${ending}`}
              x={x - width / 2}
              y={y}
              width={width}
              height={Math.max(1, (count * PLOT_HEIGHT) / most)}
              fill={FILLS[ending]}
            />
          </Point>
        );
      })}
    </g>
  );
}

function EndingTable({ days }: { days: readonly DayStats[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          {endings.map((ending) => (
            <th scope="col" key={ending} class="number">
              {EVENT_LABELS[ending]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map((day) => (
          <tr key={day.day}>
            <th scope="row">{day.day}</th>
            {endings.map((ending) => (
              <td key={ending} class="number">
                {day.endings[ending] === 0 ? (
                  0
                ) : (
                  <a href={toHref(day.day, ending)}>
                    {day.endings[ending]}
                    <span class="unseen">{` ${EVENT_LABELS[ending].toLowerCase()} on ${day.day}`}</span>
                  </a>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Links to exactly the entries that were counted. */
function toHref(day: string, ending: Ending): string {
  return toLogHref({ event: ending, asked: 'yes', ...toDayRange(day) });
}

function toY(count: number, most: number): number {
  return HEIGHT - BOTTOM - (count * PLOT_HEIGHT) / most;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
