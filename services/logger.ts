import { type DestinationStream, type Logger, pino } from 'pino';
import type { LogLevel } from './config';

export type { Logger };

const HIDDEN = '[hidden]';

/** Values that must not be read in a log, whoever wrote the line: Slack's libraries log through here too. */
const SECRET_PATTERNS = [
  // Slack's tokens
  /xox[a-z](?:\.xox[a-z])?-[\w-]+/g,
  /xapp-[\w-]+/g,
  // what an address of OAuth's or of Socket Mode's holds
  /(?<=[?&](?:state|code|ticket)=)[^&\s"\\]+/g,
  // trigger_id, as Slack makes them
  /\b\d+\.\d+\.[0-9a-f]{16,}\b/g,
  // response_url
  /https?:\/\/hooks\.slack\.com\/[^\s"\\]+/g,
];
/** The same by name, for whatever form a value has; quotes may be escaped, where a message holds JSON. */
const SECRET_FIELDS =
  /(\\*")(trigger_id|triggerId|response_url|responseUrl|token|access_token|refresh_token|client_secret|bot_token|botToken|signing_secret|signingSecret|authorization)\1:(\\*")(?:(?!\3).)*\3/gi;

function hideSecrets(line: string, secrets: readonly string[]): string {
  let shown = line.replace(
    SECRET_FIELDS,
    (_match, quote: string, name: string) => `${quote}${name}${quote}:${quote}${HIDDEN}${quote}`,
  );
  for (const pattern of SECRET_PATTERNS) shown = shown.replace(pattern, HIDDEN);
  for (const secret of secrets) shown = shown.replaceAll(secret, HIDDEN);
  return shown;
}

/**
 * Structured lines on standard output: an object, then a short constant message.
 *
 * Every line passes one filter on its way out, so that no token, signing secret, `trigger_id` or `response_url` is
 * ever written, at any level, even inside the message of a foreign error.
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
    hooks: { streamWrite: (line: string) => hideSecrets(line, telling) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
