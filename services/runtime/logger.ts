import { type DestinationStream, type Logger, pino } from 'pino';
import { z } from 'zod';
import { toMessage } from './errors';

export type { Logger };

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

const HIDDEN = '[hidden]';

/**
 * Values that must not be read in a log, whoever wrote the line: Slack's libraries log through here too. Strangers choose
 * some of the text, so every pattern has to take time in proportion to the line: no part may begin in many places and
 * look at the rest of the line from each.
 */
const SECRET_PATTERNS = [
  // Slack's tokens
  /xox[a-z](?:\.xox[a-z])?-[\w-]+/g,
  /xapp-[\w-]+/g,
  // what an address of OAuth's, of Socket Mode's or of the admin page holds
  /(?<=[?&#](?:state|code|ticket|token)=)[^&\s"\\]+/g,
  // trigger_id, as Slack makes them
  /\b\d+\.\d+\.[0-9a-f]{16,}\b/g,
  // response_url; a slash may be escaped, where a message holds JSON
  /https?:(?:\\{0,31}\/){2}hooks\.slack\.com(?:[^\s"\\]|\\{1,31}\/)+/g,
];
/** The same by name, for whatever form a value has. Quotes may be escaped, and escaped again: 1, 3, 7, 15 or 31 backslashes. */
const SECRET_FIELDS =
  /(\\{0,31}")(trigger_id|triggerId|response_url|responseUrl|token|access_token|refresh_token|client_secret|bot_token|botToken|signing_secret|signingSecret|authorization)\1:(\\{0,31}")(?:[^"\\]|\\{1,31}\/)*/gi;

function hideSecrets(line: string, secrets: readonly string[]): string {
  let shown = line.replace(SECRET_FIELDS, `$1$2$1:$3${HIDDEN}`);
  for (const pattern of SECRET_PATTERNS) shown = shown.replace(pattern, HIDDEN);
  for (const secret of secrets) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
}

/** Characters of a line, and of each text in one that is longer: somebody has to read it, and to pay for keeping it. */
const LINE_LIMIT = 8_000;
const TEXT_LIMIT = 1_000;

const headSchema = z.object({ level: z.string(), time: z.string(), msg: z.string().optional() });

/** Cuts the texts of a line that is too long, so that it still is JSON. Comes after secrets were hidden: half of one would not be known. */
function cutLine(line: string): string {
  if (line.length <= LINE_LIMIT) return line;
  const cut: unknown = JSON.parse(line, (_name, value: unknown) =>
    typeof value === 'string' && value.length > TEXT_LIMIT
      ? `${value.slice(0, TEXT_LIMIT)}… (${value.length - TEXT_LIMIT} more)`
      : value,
  );
  const shorter = `${JSON.stringify(cut)}\n`;
  if (shorter.length <= LINE_LIMIT) return shorter;
  return `${JSON.stringify({ ...headSchema.parse(cut), characters: line.length })}\n`;
}

/** Of an error: not what a library adds to it, such as the body and the headers of an answer. */
function toErrorFields(error: Error) {
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return { type, message: message ?? toMessage(error), stack, code };
}

/**
 * Structured lines on standard output: an object, then a short constant message.
 *
 * Every line passes one filter on its way out, so that no token, signing secret, `trigger_id` or `response_url` is
 * ever written, at any level, even inside the message of a foreign error; and none is longer than LINE_LIMIT.
 */
export function createLogger({
  level,
  secrets,
  destination,
}: {
  level: LogLevel;
  secrets: readonly string[];
  destination?: DestinationStream;
}): Logger {
  // A shorter one cannot be told from ordinary words; no secret of Slack's is.
  const telling = secrets.filter((secret) => secret.length >= 8);
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: toErrorFields },
    hooks: { streamWrite: (line: string) => cutLine(hideSecrets(line, telling)) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
