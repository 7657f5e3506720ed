import { contenderNames, mainNames } from './trigger/contenders';
import { DELAYS_MS, measureDelays } from './trigger/delays';
import { measureLatency } from './trigger/latency';
import { measureOverload, overloadNames } from './trigger/overload';
import { measureQuiet, QUIET_DELAYS_MS } from './trigger/quiet';
import { measureRates } from './trigger/rates';
import { onStage } from './trigger/run';

export const triggerParts = ['latency', 'delay', 'quiet', 'overload', 'load'] as const;
export type TriggerPart = (typeof triggerParts)[number];

/** How fast a trigger is exchanged, and what it costs, beside plain Bolt and the least that could do it. */
export function benchTrigger(
  part: TriggerPart,
  { rounds: asked, tiny = false }: { rounds?: number | undefined; tiny?: boolean | undefined },
): Promise<void> {
  const rounds = (usual: number) => asked ?? (tiny ? 1 : usual);
  switch (part) {
    case 'latency':
      return onStage({ names: contenderNames }, (stage) =>
        measureLatency(stage, { rounds: rounds(6), tiny }),
      );
    case 'delay':
      return onStage({ names: mainNames, delaysMs: DELAYS_MS }, (stage) =>
        measureDelays(stage, { rounds: rounds(3), tiny }),
      );
    case 'quiet':
      return onStage({ names: mainNames, delaysMs: QUIET_DELAYS_MS }, (stage) =>
        measureQuiet(stage, { rounds: rounds(4), tiny }),
      );
    case 'overload':
      return onStage({ names: overloadNames }, (stage) => measureOverload(stage, { tiny }));
    case 'load':
      return onStage({ names: mainNames }, (stage) => measureRates(stage, { tiny }));
  }
}
