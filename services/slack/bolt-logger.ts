import { type Logger as SlackLogger, LogLevel as SlackLogLevel } from '@slack/web-api';
import type { Logger } from '../runtime/logger';

/**
 * Adapts our log for Slack's libraries. At debug they write the bodies of calls and answers, which hold sign-in links, codes
 * and what users wrote: that level is dropped, and so is any object.
 */
export function toSlackLogger(logger: Logger): SlackLogger {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (...parts: unknown[]) => {
      if (!logger.isLevelEnabled(level)) return;
      const [error] = parts;
      if (error instanceof Error) logger[level]({ err: error }, 'slack library error');
      else logger[level]({ detail: parts.map(toText).join(' ') }, 'slack library');
    };
  return {
    debug() {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    // LOG_LEVEL decides, not the library.
    setLevel() {},
    getLevel: () => SlackLogLevel.INFO,
    setName() {},
  };
}

function toText(part: unknown): string {
  if (part instanceof Error) return part.message;
  return typeof part === 'string' ? part : typeof part;
}
