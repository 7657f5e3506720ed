import { toRequestId, toTime } from './admin/filling';
import { type PagesOfLog, servePages } from './admin/pages';
import { inFolder } from './folder';
import { createRandom, median, round } from './numbers';
import { recordResults } from './results';
import { printTable, say } from './table';

const SMALL = 10_000;
const LARGE = 1_000_000;
const BYTES_AN_ENTRY = 1_500;
const REQUESTS = 100;
const WARM_UP = 10;
const GOAL = 1.5;

/** Views of the log; another each time where there is a choice. */
const VIEWS: readonly { name: string; query(entries: number, random: () => number): string }[] = [
  { name: 'no filter', query: () => '' },
  { name: 'deep in', query: (entries, random) => `before=${deepIn(entries, random)}` },
  { name: 'user, busy', query: () => 'user=U0' },
  { name: 'scope, common', query: () => 'scope=reminders:write:user' },
  { name: 'scope, rare', query: () => 'scope=search:read:user' },
  { name: 'event, common', query: () => 'event=granted' },
  { name: 'event, rare', query: () => 'event=failed' },
  { name: 'told by, common', query: () => 'source=app' },
  { name: 'told by, rare', query: () => 'source=oauth' },
  { name: 'asked by, common', query: () => 'trigger=slash_command' },
  { name: 'asked by, rare', query: () => 'trigger=shortcut' },
  { name: 'request', query: (entries, random) => `request=${toRequestId(deepIn(entries, random))}` },
  { name: 'from, recent', query: (entries) => `since=${toTime(entries - 200, entries)}` },
  { name: 'from, old', query: (entries) => `since=${toTime(Math.floor(entries * 0.1), entries)}` },
  { name: 'before, old', query: (entries) => `until=${toTime(Math.floor(entries * 0.1), entries)}` },
  { name: 'words, common', query: () => 'q=please' },
  { name: 'words, rare', query: () => 'q=migraine' },
  { name: 'words, the beginning of many', query: () => 'q=ticket' },
  { name: 'words, two common', query: () => 'q=please+meeting' },
  { name: 'words of an error', query: () => 'q=expired_trigger_id' },
  { name: 'event, rare, and words, common', query: () => 'event=failed&q=please' },
  { name: 'user and event', query: () => 'user=U0&event=granted' },
];

function deepIn(entries: number, random: () => number): number {
  return Math.floor(entries * (0.2 + 0.7 * random()));
}

/** The first page of each view, of a log of a million entries against one of ten thousand, in turns. */
export async function benchAdmin({
  entries: large = LARGE,
}: {
  entries?: number | undefined;
}): Promise<void> {
  await inFolder(large * BYTES_AN_ENTRY, async (folder) => {
    const logs: PagesOfLog[] = [];
    try {
      for (const entries of [SMALL, large]) {
        const began = performance.now();
        logs.push(await servePages(folder, entries));
        say(
          `a log of ${entries.toLocaleString('en-US')} entries, written in ${Math.round((performance.now() - began) / 1_000)} s`,
        );
      }
      const rows = [];
      for (const view of VIEWS) rows.push(await compare(view, logs));
      printTable(
        `A page of the log by HTTP, median of ${REQUESTS}, ms (goal: ratio at most ${GOAL})`,
        ['view', SMALL.toLocaleString('en-US'), large.toLocaleString('en-US'), 'ratio', 'shown', 'goal'],
        rows.map((row) => [
          row.view,
          row.small_ms,
          row.large_ms,
          row.ratio,
          row.shown,
          row.goal_met ? 'met' : 'missed',
        ]),
      );
      const isWhole = large === LARGE;
      const figures = {
        small: SMALL,
        large,
        requests: REQUESTS,
        goal: GOAL,
        goal_met: rows.every((row) => row.goal_met),
        rows,
      };
      if (isWhole) recordResults('admin', 'log', figures);
    } finally {
      for (const log of logs) await log.close();
    }
  });
}

async function compare({ name, query }: (typeof VIEWS)[number], logs: readonly PagesOfLog[]) {
  const times = logs.map((): number[] => []);
  const shown = new Set<number>();
  const random = createRandom(1);
  for (let turn = -WARM_UP; turn < REQUESTS; turn += 1) {
    for (const [index, log] of logs.entries()) {
      const answer = await log.ask(`/admin/log?${query(log.entries, random)}`);
      if (turn >= 0) times[index]?.push(answer.ms);
      shown.add(answer.shown);
    }
  }
  const [small = Number.NaN, large = Number.NaN] = times.map(median);
  const ratio = round(large / small);
  const most = Math.max(...shown);
  const least = Math.min(...shown);
  return {
    view: name,
    small_ms: round(small),
    large_ms: round(large),
    ratio,
    shown: most === least ? String(most) : `${least} to ${most}`,
    goal_met: ratio <= GOAL,
  };
}
