import type { Answer, Faults } from './types';

export interface FaultQueue extends Omit<Faults, 'dropConnections'> {
  /** What goes wrong with this call; undefined: nothing. */
  take(method: string): Answer | undefined;
}

export function createFaults(): FaultQueue {
  const next = new Map<string, Answer[]>();
  const always = new Map<string, Answer>();

  function answerNext(method: string, answer: Answer, times = 1): void {
    const queue = next.get(method) ?? [];
    next.set(method, [...queue, ...Array.from({ length: times }, () => answer)]);
  }

  function answerAlways(method: string, answer: Answer | undefined): void {
    if (answer) always.set(method, answer);
    else always.delete(method);
  }

  return {
    answerNext,
    answerAlways,
    take: (method) => next.get(method)?.shift() ?? always.get(method),
  };
}
