import { arch, cpus, platform, release, totalmem } from 'node:os';

/** What the figures come from, in a line. */
export function describeMachine(): string {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${cpu}), ${memoryGb} GB, ${platform()} ${release()} ${arch()}, Node ${process.version}`;
}
