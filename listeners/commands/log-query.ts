import type { DayRange } from '../../services/grants/log/day-range';
import { dayRanges } from '../../services/grants/log/day-range';
import { type LogFilter, logEvents } from '../../services/grants/log/entry';

/** The words after `/permissions log`: a filter, a range of days, and words that cannot be used. */
export interface LogQuery {
  filter: Pick<LogFilter, 'userId' | 'scope' | 'event'>;
  span: DayRange | undefined;
  /** As typed. */
  unknown: string[];
  /** A second word of a kind that can be given once. */
  tooMany: string[];
}

/** Slack turns a name typed with @ into this, because the manifest has `should_escape`. */
const MENTION = /^<@([uw][a-z0-9]+)(?:\|[^>]*)?>$/i;
/** At least one digit, so that an ordinary word is not taken for a user id. */
const USER_ID = /^[uw](?=[a-z0-9]*\d)[a-z0-9]{2,20}$/i;
/** Also a scope that has left the catalog: the log still holds it. */
const SCOPE = /^[a-z][a-z0-9_.-]*(?::[a-z0-9_.-]+)+$/;
const MAX_SCOPE_LENGTH = 75;

/** Reads the words in any order. `findScope` finds a scope of the catalog by any of its names. */
export function toLogQuery(
  words: readonly string[],
  findScope: (word: string) => string | undefined,
): LogQuery {
  const read: LogQuery = { filter: {}, span: undefined, unknown: [], tooMany: [] };
  const { filter } = read;
  for (const word of words) {
    const lower = word.toLowerCase();
    const event = logEvents.find((each) => each === lower);
    const span = dayRanges.find((each) => each === lower);
    const userId = (MENTION.exec(word)?.[1] ?? USER_ID.exec(word)?.[0])?.toUpperCase();
    const scope = findScope(lower) ?? (lower.length <= MAX_SCOPE_LENGTH ? SCOPE.exec(lower)?.[0] : undefined);
    if (event !== undefined) take('event', event);
    else if (span !== undefined) {
      if (read.span === undefined) read.span = span;
      else read.tooMany.push(word);
    } else if (userId !== undefined) take('userId', userId);
    else if (scope !== undefined) take('scope', scope);
    else read.unknown.push(word);

    function take<Kind extends keyof typeof filter>(kind: Kind, value: (typeof filter)[Kind]): void {
      if (filter[kind] === undefined) filter[kind] = value;
      else read.tooMany.push(word);
    }
  }
  return read;
}
