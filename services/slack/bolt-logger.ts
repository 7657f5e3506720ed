import { type Logger as SlackLogger, LogLevel as SlackLogLevel } from '@slack/web-api';
import type { Logger } from '../runtime/logger';

/**
 * The same log in the shape that Slack's libraries write to. At debug they write the bodies of calls and answers, which
 * hold links to sign in by, codes and what users wrote: nothing of that level is taken, nor any object.
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
