import { median, round } from '../numbers';
import { printTable } from '../table';

export interface Judged {
  what: string;
  /** The median of the rounds'. */
  ratio: number;
  /** One a round. */
  ratios: number[];
  goal: string | undefined;
  met: boolean | undefined;
}

/** Holds the median of the ratios of the rounds against a goal; without one, it is only told. */
export function judge(
  what: string,
  ratios: readonly number[],
  { most, least }: { most?: number; least?: number } = {},
): Judged {
  const ratio = round(median(ratios));
  const rounded = ratios.map((one) => round(one));
  if (most !== undefined)
    return { what, ratio, ratios: rounded, goal: `at most ${most}`, met: ratio <= most };
  if (least !== undefined)
    return { what, ratio, ratios: rounded, goal: `at least ${least}`, met: ratio >= least };
  return { what, ratio, ratios: rounded, goal: undefined, met: undefined };
}

export function printGoals(title: string, goals: readonly Judged[]): void {
  printTable(
    title,
    ['what', 'ratio', 'goal', '', 'least', 'most'],
    goals.map(({ what, ratio, ratios, goal, met }) => [
      what,
      ratio,
      goal ?? '',
      met === undefined ? '' : met ? 'met' : 'missed',
      Math.min(...ratios),
      Math.max(...ratios),
    ]),
  );
}
