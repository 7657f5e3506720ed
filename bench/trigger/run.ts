import { type Contender, startListening } from '../events/contender';
import { inFolder } from '../folder';
import type { Program } from '../program';
import { type ContenderName, type Contenders, startContenders } from './contenders';
import { type Load, startLoad } from './load';

const NEEDED_BYTES = 1e9;

/** What a part needs: contenders, and what lies between them and Slack. */
export interface Setting {
  names: readonly ContenderName[];
  /** Each way, between the contenders and Slack; for each, the contenders are started anew. 0: nothing lies between. */
  delaysMs?: readonly number[];
}

export interface Stage {
  load: Load;
  /** In the order of the delays. */
  byDelay: readonly { delayMs: number; contenders: Contenders }[];
}

/** Starts what a part needs, runs it, and ends what was started however it goes. */
export function onStage(
  { names, delaysMs = [0] }: Setting,
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  return inFolder(NEEDED_BYTES, async (folder) => {
    const load = await startLoad();
    const programs: Program[] = [];
    const started: Map<ContenderName, Contender>[] = [];
    try {
      const byDelay: Stage['byDelay'][number][] = [];
      for (const delayMs of delaysMs) {
        const way = delayMs === 0 ? undefined : await startWay(load.slackPort, delayMs);
        if (way !== undefined) programs.push(way.program);
        const contenders = new Map<ContenderName, Contender>();
        started.push(contenders);
        const start = { folder, slackPort: way?.port ?? load.slackPort };
        await startContenders(names, { ...start, mark: String(delayMs) }, contenders);
        byDelay.push({ delayMs, contenders });
      }
      await run({ load, byDelay });
    } finally {
      for (const contender of started.flatMap((some) => [...some.values()])) {
        await contender.program.end();
      }
      for (const program of programs) await program.end();
      await load.end();
    }
  });
}

function startWay(port: number, delayMs: number) {
  return startListening('trigger/way.js', [JSON.stringify({ port, delayMs })]);
}
