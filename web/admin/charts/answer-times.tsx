import type { DayStats } from '../../../services/admin/day-stats';
import { toLogHref } from '../log/view';
import { toDuration } from '../time';
import { Axes, BOTTOM, Drawing, Figure, HEIGHT, PLOT_HEIGHT, Point, toX } from './chart';
import { toDayRange } from './day-range';

const MARKS = [
  { ms: 1_000, text: '1 s' },
  { ms: 10_000, text: '10 s' },
  { ms: 60_000, text: '1 min' },
  { ms: 600_000, text: '10 min' },
  { ms: 3_600_000, text: '1 h' },
  { ms: 36_000_000, text: '10 h' },
  { ms: 360_000_000, text: '100 h' },
] as const;

interface DayOfAnswerTimes {
  day: string;
  index: number;
  answers: number;
  median: number;
  most: number;
}

/** Time from request to answer: median and 90th percentile of each day. */
export function AnswerTimes({ days }: { days: readonly DayStats[] }) {
  const points = days.flatMap(({ day, answersMs }, index): DayOfAnswerTimes[] => {
    const sorted = answersMs.toSorted((a, b) => a - b);
    const [median, most] = [rank(sorted, 0.5), rank(sorted, 0.9)];
    return median === undefined || most === undefined
      ? []
      : [{ day, index, answers: sorted.length, median, most }];
  });
  const all = days.flatMap(({ answersMs }) => answersMs).sort((a, b) => a - b);
  const [median, most] = [rank(all, 0.5), rank(all, 0.9)];
  const summary =
    median === undefined || most === undefined
      ? 'Nobody has answered.'
      : `Half of all answers came within ${toDuration(median)}, nine in ten within ${toDuration(most)}.`;
  const slowest = Math.max(60_000, ...points.map((point) => point.most));
  const top = MARKS.find(({ ms }) => ms >= slowest) ?? { ms: slowest };
  const toY = (ms: number) =>
    HEIGHT - BOTTOM - (Math.log(Math.max(1_000, ms) / 1_000) / Math.log(top.ms / 1_000)) * PLOT_HEIGHT;
  return (
    <Figure
      id="answers"
      title="From the ask to the answer"
      summary={summary}
      legend={
        <>
          <li>
            <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
              <Circle x={7} y={7} />
            </svg>
            Median
          </li>
          <li>
            <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
              <Diamond x={7} y={7} />
            </svg>
            90 % are quicker
          </li>
        </>
      }
      table={<AnswerTable points={points} />}
    >
      <Drawing label={`Time to the answer, day by day. ${summary}`}>
        <Axes
          days={days.map(({ day }) => day)}
          ticks={MARKS.filter(({ ms }) => ms <= top.ms).map(({ ms, text }) => ({ y: toY(ms), text }))}
        />
        {points.map((point) => {
          const x = toX(point.index, days.length);
          return (
            <Point
              key={point.day}
              href={toHref(point.day)}
              label={`${point.day}: ${point.answers} answers, median ${toDuration(point.median)}, 90 % within ${toDuration(point.most)}`}
            >
              <line class="span" x1={x} x2={x} y1={toY(point.median)} y2={toY(point.most)} />
              <Diamond x={x} y={toY(point.most)} />
              <Circle x={x} y={toY(point.median)} />
            </Point>
          );
        })}
      </Drawing>
    </Figure>
  );
}

function Circle({ x, y }: { x: number; y: number }) {
  return <circle class="median" cx={x} cy={y} r="4" />;
}

function Diamond({ x, y }: { x: number; y: number }) {
  return <path class="most" d={`M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}Z`} />;
}

function AnswerTable({ points }: { points: readonly DayOfAnswerTimes[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          <th scope="col" class="number">
            Answers
          </th>
          <th scope="col" class="number">
            Median
          </th>
          <th scope="col" class="number">
            90 %
          </th>
        </tr>
      </thead>
      <tbody>
        {points.toReversed().map(({ day, answers, median, most }) => (
          <tr key={day}>
            <th scope="row">
              <a href={toHref(day)}>{day}</a>
            </th>
            <td class="number">{answers}</td>
            <td class="number">{toDuration(median)}</td>
            <td class="number">{toDuration(most)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function toHref(day: string): string {
  return toLogHref({ asked: 'yes', ...toDayRange(day) });
}

/** Percentile by nearest rank. */
function rank(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
