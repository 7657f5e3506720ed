import { readFileSync } from 'node:fs';

/** What a process used up: processor time between two moments, and the most memory since its start. */
export function startMeasuring(): () => { cpuMs: number; wallMs: number; peakMb: number } {
  const cpu = process.cpuUsage();
  const began = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return {
      cpuMs: (user + system) / 1_000,
      wallMs: performance.now() - began,
      peakMb: readPeakKb() / 1_024,
    };
  };
}

/**
 * The most that was resident. Linux keeps it exactly; `maxRSS` would count what the parent had when it started this
 * process, so it stands in only where there is no /proc.
 */
function readPeakKb(): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (match?.[1] !== undefined) return Number(match[1]);
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS;
}
