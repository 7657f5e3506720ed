import type { DayRange } from '../../services/grants/log/day-range';
import { dayRanges } from '../../services/grants/log/day-range';
import { type LogFilter, logEvents } from '../../services/grants/log/entry';

/** What somebody typed after `/permissions log`: a filter, the days that it is about, and words that mean nothing. */
export interface LogQuery {
  filter: Pick<LogFilter, 'userId' | 'scope' | 'event'>;
  span: DayRange | undefined;
  /** As they were typed. */
  unknown: string[];
  /** A second word of a kind of which there can be one. */
  tooMany: string[];
}

/** Slack makes this of a name that is typed with an @, because the manifest has `should_escape`. */
const MENTION = /^<@([uw][a-z0-9]+)(?:\|[^>]*)?>$/i;
/** At least one digit, so that no word of any language is taken for somebody. */
const USER_ID = /^[uw](?=[a-z0-9]*\d)[a-z0-9]{2,20}$/i;
/** Also one that is in the catalog no longer: the log remembers it. */
const SCOPE = /^[a-z][a-z0-9_.-]*(?::[a-z0-9_.-]+)+$/;
const MAX_SCOPE_LENGTH = 75;

/** Reads the words in any order. `findScope` knows the catalog, by each name that a scope has. */
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
