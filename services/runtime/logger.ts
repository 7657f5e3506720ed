import { type DestinationStream, type Logger, pino } from 'pino';
import { z } from 'zod';
import { toErrorMessage } from './errors';

export type { Logger };

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

const MASK = '[hidden]';

/**
 * Secrets in any line; Slack's libraries log through here too. Strangers choose some of the text, so every pattern must
 * run in time linear to the line: no part may start in many places and scan the rest of the line from each.
 */
const SECRET_PATTERNS = [
  // Slack's tokens
  /xox[a-z](?:\.xox[a-z])?-[\w-]+/g,
  /xapp-[\w-]+/g,
  // parameters in the URLs of OAuth, Socket Mode and the admin page
  /(?<=[?&#](?:state|code|ticket|token)=)[^&\s"\\]+/g,
  // trigger_id
  /\b\d+\.\d+\.[0-9a-f]{16,}\b/g,
  // response_url; slashes are escaped where a message contains JSON
  /https?:(?:\\{0,31}\/){2}hooks\.slack\.com(?:[^\s"\\]|\\{1,31}\/)+/g,
];
/** Secrets by field name, whatever the value looks like. Quotes of nested JSON are escaped: 1, 3, 7, 15 or 31 backslashes. */
const SECRET_FIELDS =
  /(\\{0,31}")(trigger_id|triggerId|response_url|responseUrl|token|access_token|refresh_token|client_secret|bot_token|botToken|signing_secret|signingSecret|authorization)\1:(\\{0,31}")(?:[^"\\]|\\{1,31}\/)*/gi;

function maskSecrets(line: string, secrets: readonly string[]): string {
  let shown = line.replace(SECRET_FIELDS, `$1$2$1:$3${MASK}`);
  for (const pattern of SECRET_PATTERNS) shown = shown.replace(pattern, MASK);
  for (const secret of secrets) shown = shown.replaceAll(secret, MASK);
  return shown;
}

/** Longer lines are cut: to this many characters a line, and a text within it. */
const MAX_LINE_LENGTH = 8_000;
const MAX_TEXT_LENGTH = 1_000;

const headSchema = z.object({ level: z.string(), time: z.string(), msg: z.string().optional() });

/** Cuts the texts of a long line, which stays JSON. Must come after masking: half a secret would not match. */
function truncateLine(line: string): string {
  if (line.length <= MAX_LINE_LENGTH) return line;
  const cut: unknown = JSON.parse(line, (_name, value: unknown) =>
    typeof value === 'string' && value.length > MAX_TEXT_LENGTH
      ? `${value.slice(0, MAX_TEXT_LENGTH)}… (${value.length - MAX_TEXT_LENGTH} more)`
      : value,
  );
  const shorter = `${JSON.stringify(cut)}\n`;
  if (shorter.length <= MAX_LINE_LENGTH) return shorter;
  return `${JSON.stringify({ ...headSchema.parse(cut), characters: line.length })}\n`;
}

/** Only these fields: libraries add others to an error, such as a response's body and headers. */
function toErrorFields(error: Error) {
  const { type, message, stack, code } = pino.stdSerializers.err(error);
  return { type, message: message ?? toErrorMessage(error), stack, code };
}

/**
 * Writes structured lines to standard output: an object, then a short constant message.
 *
 * Every line passes one filter: no token, signing secret, `trigger_id` or `response_url` is ever written, at any level,
 * even inside a library's error message; and no line is longer than `MAX_LINE_LENGTH`.
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
  // A shorter secret would also match ordinary words; none of Slack's secrets is shorter.
  const maskedSecrets = secrets.filter((secret) => secret.length >= 8);
  const options = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: toErrorFields },
    hooks: { streamWrite: (line: string) => truncateLine(maskSecrets(line, maskedSecrets)) },
  };
  // A write to the disk or a pipe costs as much as all else of a line, and is not waited for. What is left is written at exit.
  return pino(options, destination ?? pino.destination({ sync: false }));
}
