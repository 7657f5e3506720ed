import { toIsoTime } from '../../services/runtime/clock';
import { toPlainText } from '../../services/runtime/plain-text';

type Read<T> = { value: T } | { fault: string };

const MAX_FIELD_LENGTH = 200;
const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/** An id or the name of a scope, without quotes and spaces that were pasted with it. */
export function readName(text: string): Read<string> {
  return readText(toPlainText(text).trim());
}

/** Free text to search for. */
export function readText(text: string): Read<string> {
  if (text.length > MAX_FIELD_LENGTH) return { fault: `Write at most ${MAX_FIELD_LENGTH} characters.` };
  // No row can hold them, and PostgreSQL rejects them in a query.
  if (/\p{Cc}/u.test(text)) return { fault: 'Leave out characters that cannot be seen.' };
  return { value: text };
}

export function readChoice<const T extends string>(choices: readonly T[]): (text: string) => Read<T> {
  return (text) => {
    const value = choices.find((choice) => choice === text);
    return value === undefined ? { fault: `Choose one of ${choices.join(', ')}.` } : { value };
  };
}

/** A date or a time, in UTC unless it names a zone. */
export function readTime(text: string): Read<string> {
  const [, day, zone] = TIME.exec(text) ?? [];
  const ms = Date.parse(text.includes('T') && zone === undefined ? `${text}Z` : text);
  // `Date.parse` turns 31 February into 3 March.
  const isDay = day !== undefined && toDay(Date.parse(day)) === day;
  if (isDay && !Number.isNaN(ms)) return { value: toIsoTime(ms) };
  return { fault: 'Write a date or a time, such as 2026-01-31 or 2026-01-31T12:00 (UTC).' };
}

function toDay(ms: number): string | undefined {
  return Number.isNaN(ms) ? undefined : toIsoTime(ms).slice(0, 10);
}
