import { performance } from 'node:perf_hooks';

const MEASURE_INTERVAL_MS = 100;
const OVERLOADED_UTILIZATION = 0.95;

/**
 * Returns whether the event loop is saturated: work then waits for the processor, not for Slack.
 * https://nodejs.org/docs/latest-v20.x/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2
 */
export function createOverloadMonitor(): () => boolean {
  let before = performance.eventLoopUtilization();
  let measuredAt = performance.now();
  let isOverloaded = false;
  return () => {
    const now = performance.now();
    if (now - measuredAt < MEASURE_INTERVAL_MS) return isOverloaded;
    const current = performance.eventLoopUtilization();
    isOverloaded = performance.eventLoopUtilization(current, before).utilization > OVERLOADED_UTILIZATION;
    before = current;
    measuredAt = now;
    return isOverloaded;
  };
}
