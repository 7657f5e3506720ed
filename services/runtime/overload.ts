import { performance } from 'node:perf_hooks';

const SPAN_MS = 100;
const SATURATED = 0.95;

/**
 * Returns whether the event loop is saturated: work then waits for the processor, not for Slack.
 * https://nodejs.org/docs/latest-v20.x/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2
 */
export function createSaturation(): () => boolean {
  let before = performance.eventLoopUtilization();
  let lookedAt = performance.now();
  let isSaturated = false;
  return () => {
    const now = performance.now();
    if (now - lookedAt < SPAN_MS) return isSaturated;
    const current = performance.eventLoopUtilization();
    isSaturated = performance.eventLoopUtilization(current, before).utilization > SATURATED;
    before = current;
    lookedAt = now;
    return isSaturated;
  };
}
