import { type ContenderName, TITLES } from './contenders';
import type { RatePoint } from './rates';

const [WIDTH, HEIGHT] = [760, 420];
/** The labels of the lines stand to the right of the plot. */
const PLOT = { left: 62, top: 46, right: 610, bottom: 362 };

/** Dark on light, light on dark: an image follows the reader's own setting. */
const STYLE = `text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}.small{font-size:12px}
.grid{stroke:#888;stroke-opacity:.25}path{fill:none;stroke-width:2.5;stroke-linejoin:round;stroke-linecap:round}.late{stroke-width:1.3;stroke-dasharray:4 3}
.app{stroke:#0b6bcb}.plain{stroke:#c2410c}.floor{stroke:#64748b}.app_installed{stroke:#047857}.plain_installed{stroke:#9333ea}
text.app{fill:#0b6bcb;stroke:none}text.plain{fill:#c2410c;stroke:none}text.floor{fill:#64748b;stroke:none}
@media(prefers-color-scheme:dark){text{fill:#ddd}.app{stroke:#6cb6ff}.plain{stroke:#fb923c}.floor{stroke:#a3b1c2}
text.app{fill:#6cb6ff}text.plain{fill:#fb923c}text.floor{fill:#a3b1c2}}`;

/** Latency over load as SVG: the median of each contender as a line, its p99 as a thin one, up to where it falls behind. */
export function toPlot(points: readonly RatePoint[]): string {
  const kept = points.filter((point) => point.kept_up);
  const mostRate = Math.max(...kept.map(({ rate }) => rate));
  const values = kept.flatMap((point) => [point.median_ms, point.p99_ms]);
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ];
  const toX = (rate: number) => PLOT.left + (rate / mostRate) * (PLOT.right - PLOT.left);
  const toY = (ms: number) =>
    PLOT.bottom - ((Math.log10(ms) - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const decades = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const steps = Array.from({ length: Math.floor(mostRate / 500) + 1 }, (_, index) => index * 500);
  const lines = [...new Set(kept.map(({ app }) => app))].map((app) => {
    const own = kept.filter((point) => point.app === app).sort((a, b) => a.rate - b.rate);
    const last = own.at(-1);
    return {
      app,
      paths: [
        toPath(
          app,
          own.map((point) => [toX(point.rate), toY(point.median_ms)]),
        ),
        toPath(
          `${app} late`,
          own.map((point) => [toX(point.rate), toY(point.p99_ms)]),
        ),
      ],
      label: last && {
        x: toX(last.rate) + 7,
        y: toY(last.median_ms) + 4,
        text: toLabel(app, last, mostRate),
      },
    };
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Latency over load">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="${PLOT.left}" y="22">From the request to its exchange, in milliseconds</text>`,
    ...decades.flatMap((ms) => [
      `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at(toY(ms))}" y2="${at(toY(ms))}"/>`,
      `<text x="${PLOT.left - 8}" y="${at(toY(ms) + 4)}" text-anchor="end">${ms}</text>`,
    ]),
    ...steps.map(
      (rate) =>
        `<text x="${at(toX(rate))}" y="${PLOT.bottom + 20}" text-anchor="middle">${rate.toLocaleString('en-US')}</text>`,
    ),
    `<text class="small" x="${PLOT.right}" y="${PLOT.bottom + 42}" text-anchor="end">requests a second; thick: median, dashed: p99</text>`,
    ...lines.flatMap(({ paths }) => paths),
    ...spreadLabels(lines.flatMap(({ app, label }) => (label === undefined ? [] : [{ app, ...label }]))).map(
      ({ app, x, y, text }) => `<text class="${app}" x="${at(x)}" y="${at(y)}">${text}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n');
}

function toPath(className: string, places: readonly (readonly [number, number])[]): string {
  const d = places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${at(x)} ${at(y)}`).join('');
  // A line of no length at the end: with round ends, a single point is a dot.
  return `<path class="${className}" d="${d}h0"/>`;
}

function toLabel(app: ContenderName, last: RatePoint, mostRate: number): string {
  return last.rate < mostRate ? `${TITLES[app]}, to ${last.rate.toLocaleString('en-US')}` : TITLES[app];
}

/** Labels that would stand on each other are moved apart. */
function spreadLabels<L extends { x: number; y: number }>(labels: readonly L[]): L[] {
  const placed: L[] = [];
  for (const label of [...labels].sort((a, b) => a.y - b.y)) {
    const above = placed.filter((one) => Math.abs(one.x - label.x) < 150);
    placed.push({ ...label, y: Math.max(label.y, ...above.map((one) => one.y + 16)) });
  }
  return placed;
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
