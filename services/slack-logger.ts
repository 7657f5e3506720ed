import { format } from 'node:util';
import { type Logger as SlackLogger, LogLevel as SlackLogLevel } from '@slack/web-api';
import type { Logger } from './logger';

/** The same log in the shape that Slack's libraries write to. */
export function toSlackLogger(logger: Logger): SlackLogger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...parts: unknown[]) => {
      if (!logger.isLevelEnabled(level)) return;
      const [error] = parts;
      if (error instanceof Error) logger[level]({ err: error }, 'slack library error');
      else logger[level]({ detail: format(...parts) }, 'slack library');
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    // LOG_LEVEL decides, not the library.
    setLevel() {},
    getLevel: () => (logger.isLevelEnabled('debug') ? SlackLogLevel.DEBUG : SlackLogLevel.INFO),
    setName() {},
  };
}
