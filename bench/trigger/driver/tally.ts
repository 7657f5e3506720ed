import { median } from '../../numbers';
import { percentile } from '../percentile';
import type { Answer } from './connection';

/** Slack gives up after so long, and a trigger is used up no more. */
export const PATIENCE_MS = 3_000;

/** What became of requests. Each is counted once. */
export interface TallyResult {
  offered: number;
  /** No socket was free: the app knows nothing of these. */
  unsent: number;
  /** Answered and exchanged, both in time. */
  served: number;
  /** Told in the answer, in time, that it cannot be now; nothing was exchanged. */
  refused: number;
  /** Answered in time, but not exchanged in time; the user was told by a message. */
  toldLater: number;
  /** Answered in time, but neither exchanged in time nor told. */
  silent: number;
  /** Not answered in time. */
  unanswered: number;
  /** Told that it cannot be now, and exchanged all the same; these are among the refused. */
  contradicted: number;
  /** From the request to its exchange, of those that were served. */
  medianMs: number;
  p99Ms: number;
  /** From the request to its answer, of those that were answered in time. */
  answerMedianMs: number;
  answerP99Ms: number;
}

export interface Tally {
  sent(index: number, at: number): void;
  unsent(index: number): void;
  answered(index: number, answer: Answer): void;
  exchanged(index: number, at: number): void;
  told(index: number): void;
  isAnswered(index: number): boolean;
  isOlderThan(index: number, ageMs: number, now: number): boolean;
  /** Whether nothing is to be waited for. */
  isComplete(): boolean;
  read(): TallyResult;
}

export function createTally(count: number): Tally {
  const sentAt = new Float64Array(count);
  const isUnsent = new Uint8Array(count);
  const answeredAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const exchangedAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const isNo = new Uint8Array(count);
  const isTold = new Uint8Array(count);
  let open = count;

  const isWithin = (at: number | undefined, index: number) =>
    (at ?? Number.POSITIVE_INFINITY) - (sentAt[index] ?? 0) <= PATIENCE_MS;

  return {
    sent(index, at) {
      sentAt[index] = at;
    },
    unsent(index) {
      isUnsent[index] = 1;
      open -= 1;
    },
    answered(index, { status, hasText, at }) {
      // Another status is no answer: Slack tells the user that the app failed.
      if (status !== 200 && status !== 503) return;
      answeredAt[index] = at;
      if (status === 503 || hasText) isNo[index] = 1;
      if (isNo[index] === 1 || exchangedAt[index] !== Number.POSITIVE_INFINITY) open -= 1;
    },
    exchanged(index, at) {
      // Of a series before this one.
      if (index < 0 || index >= count) return;
      exchangedAt[index] = at;
      if (answeredAt[index] !== Number.POSITIVE_INFINITY && isNo[index] === 0) open -= 1;
    },
    told(index) {
      if (index >= 0 && index < count) isTold[index] = 1;
    },
    isAnswered: (index) => answeredAt[index] !== Number.POSITIVE_INFINITY,
    isOlderThan: (index, ageMs, now) => now - (sentAt[index] ?? 0) > ageMs,
    isComplete: () => open <= 0,
    read() {
      const result = {
        unsent: 0,
        served: 0,
        refused: 0,
        toldLater: 0,
        silent: 0,
        unanswered: 0,
        contradicted: 0,
      };
      const latencies: number[] = [];
      const answers: number[] = [];
      for (let index = 0; index < count; index += 1) {
        if (isUnsent[index] === 1) {
          result.unsent += 1;
          continue;
        }
        const [sent, answered] = [sentAt[index] ?? 0, answeredAt[index] ?? 0];
        const exchanged = exchangedAt[index] ?? 0;
        if (!isWithin(answered, index)) {
          result.unanswered += 1;
          continue;
        }
        answers.push(answered - sent);
        if (isNo[index] === 1) {
          result.refused += 1;
          if (exchanged !== Number.POSITIVE_INFINITY) result.contradicted += 1;
        } else if (isWithin(exchanged, index)) {
          result.served += 1;
          latencies.push(exchanged - sent);
        } else if (isTold[index] === 1) result.toldLater += 1;
        else result.silent += 1;
      }
      latencies.sort((a, b) => a - b);
      answers.sort((a, b) => a - b);
      return {
        offered: count,
        ...result,
        medianMs: median(latencies),
        p99Ms: percentile(latencies, 0.99),
        answerMedianMs: median(answers),
        answerP99Ms: percentile(answers, 0.99),
      };
    },
  };
}
