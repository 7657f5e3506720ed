import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** How busy this process is from now on, until it is read: what it measures of others is late where it is itself. */
export function watchDriver(): () => { cpuShare: number; busyShare: number; lagP99Ms: number } {
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const began = performance.now();
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const { utilization } = performance.eventLoopUtilization(loop);
    lag.disable();
    return {
      cpuShare: (user + system) / 1_000 / (performance.now() - began),
      busyShare: utilization,
      lagP99Ms: lag.percentile(99) / 1e6,
    };
  };
}
