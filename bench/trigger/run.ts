import { inFolder } from '../folder';
import { type Contender, startListening } from '../grants/events/contender';
import type { Program } from '../program';
import { type ContenderName, type Contenders, startContenders } from './contenders';
import { type Load, startLoad } from './load';

const NEEDED_BYTES = 1e9;

/** What a part needs: contenders, and what lies between them and Slack. */
export interface Setting {
  names: readonly ContenderName[];
  /** Each way, between the contenders and Slack; for each, the contenders are started anew. 0: nothing lies between. */
  delaysMs?: readonly number[];
  profileTo?: string | undefined;
}

export interface Stage {
  load: Load;
  /** In the order of the delays. */
  byDelay: readonly { delayMs: number; contenders: Contenders }[];
}

/** Starts what a part needs, runs it, and ends what was started however it goes. */
export function onStage<T>(
  { names, delaysMs = [0], profileTo }: Setting,
  run: (stage: Stage) => Promise<T>,
): Promise<T> {
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
        const start = { folder, slackPort: way?.port ?? load.slackPort, profileTo };
        await startContenders(names, { ...start, mark: String(delayMs) }, contenders);
        byDelay.push({ delayMs, contenders });
      }
      return await run({ load, byDelay });
    } finally {
      for (const contender of started.flatMap((some) => [...some.values()])) {
        // Frozen, it could not leave a profile.
        contender.thaw();
        await contender.program.end();
      }
      for (const program of programs) await program.end();
      await load.end();
    }
  });
}

function startWay(port: number, delayMs: number) {
  return startListening('bench/trigger/way.js', [JSON.stringify({ port, delayMs })]);
}
