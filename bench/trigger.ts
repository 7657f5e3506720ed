import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProjectRoot } from '../services/runtime/project-root';
import { contenderNames, mainNames } from './trigger/contenders';
import { DELAYS_MS, measureDelays } from './trigger/delays';
import { measureLatency } from './trigger/latency';
import { measureOverload, overloadNames } from './trigger/overload';
import { toPlot } from './trigger/plot';
import { measureQuiet, QUIET_DELAYS_MS } from './trigger/quiet';
import { measureRates } from './trigger/rates';
import { onStage } from './trigger/run';

export const triggerParts = ['latency', 'delay', 'quiet', 'overload', 'load'] as const;
export type TriggerPart = (typeof triggerParts)[number];

const ROUNDS: Readonly<Record<TriggerPart, number>> = {
  latency: 6,
  delay: 3,
  quiet: 4,
  overload: 1,
  load: 1,
};

const PLOT_PATH = join(findProjectRoot(), 'bench', 'latency-over-load.svg');

/** How fast a trigger is used up, and what it costs, beside plain Bolt and the least that could do it. */
export function benchTrigger(
  part: TriggerPart,
  {
    rounds = ROUNDS[part],
    profileTo,
    isWhole,
  }: {
    rounds?: number | undefined;
    profileTo?: string | undefined;
    /** Whether what it comes to is kept: the plot as well. */
    isWhole: boolean;
  },
): Promise<Record<string, unknown>> {
  switch (part) {
    case 'latency':
      return onStage({ names: contenderNames, profileTo }, (stage) => measureLatency(stage, rounds));
    case 'delay':
      return onStage({ names: mainNames, delaysMs: DELAYS_MS, profileTo }, (stage) =>
        measureDelays(stage, rounds),
      );
    case 'quiet':
      return onStage({ names: mainNames, delaysMs: QUIET_DELAYS_MS, profileTo }, (stage) =>
        measureQuiet(stage, rounds),
      );
    case 'overload':
      return onStage({ names: overloadNames, profileTo }, measureOverload);
    case 'load':
      return onStage({ names: mainNames, profileTo }, async (stage) => {
        const figures = await measureRates(stage);
        if (isWhole) writeFileSync(PLOT_PATH, toPlot(figures.points));
        return figures;
      });
  }
}
