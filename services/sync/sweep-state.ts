import { hasElapsed } from '../runtime/clock';
import { toCause } from '../slack/errors';
import type { Sweep } from './store';

/** How long one instance has a sweep without renewing that. */
export const SWEEP_LEASE_MS = 15_000;

/** Who sweeps, and until when nobody else may. */
type LeaseHolder = Pick<Sweep, 'owner' | 'leaseUntilMs'>;

/** Whether some instance is at it now. */
export function isLeased(sweep: Sweep | undefined, nowMs: number): boolean {
  return sweep?.owner !== undefined && !hasElapsed(sweep.leaseUntilMs, nowMs, SWEEP_LEASE_MS);
}

/** It was no answer of Slack's that ended it, but a fault of our own, such as a database that cannot be written. */
export const INTERNAL_ERROR = 'unexpected_error';

/** Whether there is a place to go on from: after a fault that was Slack's answer, what was read before may be at fault too. */
export function canResume({ state, error }: Sweep): boolean {
  return (
    state === 'walking' ||
    state === 'ending' ||
    (state === 'failed' &&
      error !== undefined &&
      (error === INTERNAL_ERROR || toCause(error) === 'unreachable'))
  );
}

/** From the first page on. */
export function restartSweep(
  teamId: string,
  last: Sweep | undefined,
  startedAt: string,
  holder: LeaseHolder,
): Sweep {
  return {
    teamId,
    sweepId: (last?.sweepId ?? 0) + 1,
    state: 'walking',
    cursor: undefined,
    slackStartedAt: undefined,
    startedAt,
    finishedAt: undefined,
    pages: 0,
    users: 0,
    changes: 0,
    lastUsers: last?.state === 'done' ? last.users : last?.lastUsers,
    skipped: 0,
    skippedUsers: [],
    error: undefined,
    ...holder,
  };
}

/** From where it was left: by a restart, another instance that died, or a fault. */
export function resumeSweep(last: Sweep, holder: LeaseHolder): Sweep {
  const state = last.state === 'failed' ? 'walking' : last.state;
  return { ...last, state, finishedAt: undefined, error: undefined, ...holder };
}
