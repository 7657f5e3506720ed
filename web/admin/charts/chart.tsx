import type { ComponentChildren } from 'preact';
import { Scroller } from '../scroller';

/** In units of the SVG viewBox: roughly a pixel, a little less on a phone and a little more on a desktop. */
export const WIDTH = 440;
export const HEIGHT = 210;
export const LEFT = 56;
export const BOTTOM = 24;
export const TOP = 10;
/** Room for half of the last day's label. */
const RIGHT = 20;

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

export const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
export const PLOT_WIDTH = WIDTH - LEFT - RIGHT;

/** A plot, its legend, and the same numbers as a table. */
export function Figure({
  id,
  title,
  summary,
  legend,
  table,
  children,
}: {
  id: string;
  title: string;
  /** The result in a sentence. */
  summary: string;
  legend?: ComponentChildren;
  table: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <figure class="card plot" aria-labelledby={`${id}-title`}>
      <figcaption>
        <h2 id={`${id}-title`}>{title}</h2>
        <p class="soft">{summary}</p>
      </figcaption>
      {children}
      {legend !== undefined && <ul class="legend">{legend}</ul>}
      <details>
        <summary>The numbers as a table</summary>
        <Scroller label={`${title}: the numbers`}>{table}</Scroller>
      </details>
    </figure>
  );
}

/** The SVG. Its points are links, but the Tab key skips them: there are many, and the table has the same ones. */
export function Drawing({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset holds no drawing
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="group"
      aria-label={`${label} The table below has the same numbers.`}
    >
      <Patterns />
      {children}
    </svg>
  );
}

/** Filled, striped, dotted, crossed: distinct without colour, too. */
function Patterns() {
  return (
    <defs>
      <pattern
        id="fill-denied"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect class="ground denied" width="6" height="6" />
        <rect class="ink denied" width="3" height="6" />
      </pattern>
      <pattern id="fill-unanswered" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="ground unanswered" width="5" height="5" />
        <circle class="ink unanswered" cx="2.5" cy="2.5" r="1.2" />
      </pattern>
      <pattern id="fill-failed" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect class="ground failed" width="6" height="6" />
        <path class="line failed" d="M0 0L6 6M6 0L0 6" />
      </pattern>
    </defs>
  );
}

/** Horizontal grid lines with their values, and the days below. */
export function Axes({ ticks, days }: { ticks: { y: number; text: string }[]; days: readonly string[] }) {
  return (
    <g class="axes">
      {ticks.map(({ y, text }) => (
        <g key={text}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={y} y2={y} />
          <text x={LEFT - 6} y={y + 4} text-anchor="end">
            {text}
          </text>
        </g>
      ))}
      {days.map((day, index) =>
        (days.length - 1 - index) % 7 === 0 ? (
          <text key={day} x={toX(index, days.length)} y={HEIGHT - 6} text-anchor="middle">
            {dayFormat.format(Date.parse(day))}
          </text>
        ) : null,
      )}
    </g>
  );
}

/** The x of a day's middle. */
export function toX(index: number, count: number): number {
  return LEFT + ((index + 0.5) * PLOT_WIDTH) / count;
}

/** Round numbers, up to the first that is at least the maximum. */
export function toTicks(most: number): number[] {
  const rough = Math.max(1, most) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.ceil(Math.max(1, most) / step) + 1 }, (_, index) => index * step);
}

/** An element of the drawing that links to its entries in the log. */
export function Point({
  href,
  label,
  children,
}: {
  href: string;
  label: string;
  children: ComponentChildren;
}) {
  return (
    <a href={href} tabIndex={-1} aria-label={label}>
      <title>{label}</title>
      {children}
    </a>
  );
}
