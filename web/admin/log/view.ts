import { type LogFilter, logEvents, logSources } from '../../../services/grants/log/entry';
import { triggerSources } from '../../../services/slack/trigger';
import { readChoice, readName, readText, readTime } from '../read-field';

export const LOG_PATH = '/admin/log';

/** Query parameters of a log view, and the fields of the form that sets them. */
export const logFields = [
  'team',
  'user',
  'scope',
  'event',
  'source',
  'trigger',
  'since',
  'until',
  'q',
  'request',
  'asked',
] as const;
export type LogField = (typeof logFields)[number];

/** A filtered page of the log. */
export interface LogView {
  /** Limited to teams that the admin may see, whatever the address says. */
  filter: LogFilter;
  /** As typed. */
  fields: Partial<Record<LogField, string>>;
  /** Fields that cannot be read, and why. With a fault, the page shows no entries. */
  faults: Partial<Record<LogField | 'cursor', string>>;
  /** The page before this entry, or after it; the newest page where neither is set. */
  position: { direction: 'older' | 'newer'; seq: string } | undefined;
}

const CURSOR = /^\d{1,15}$/;

export function readLogView(query: URLSearchParams, teamIds: readonly string[]): LogView {
  const fields: LogView['fields'] = {};
  const faults: LogView['faults'] = {};
  for (const field of logFields) {
    const text = query.get(field)?.trim() ?? '';
    if (text !== '') fields[field] = text;
  }
  function take<T>(field: LogField, read: (text: string) => { value: T } | { fault: string }): T | undefined {
    const text = fields[field];
    if (text === undefined) return undefined;
    const result = read(text);
    if ('value' in result) return result.value;
    faults[field] = result.fault;
    return undefined;
  }
  const teamId = take('team', (text) =>
    teamIds.includes(text) ? { value: text } : { fault: 'There is no such workspace that you may see.' },
  );
  const filter: LogFilter = {
    ...(teamIds.length === 1 || teamId !== undefined ? { teamId: teamId ?? teamIds[0] } : { teamIds }),
    userId: take('user', readName),
    scope: take('scope', readName),
    event: take('event', readChoice(logEvents)),
    source: take('source', readChoice(logSources)),
    triggerSource: take('trigger', readChoice(triggerSources)),
    since: take('since', readTime),
    until: take('until', readTime),
    text: take('q', readText),
    requestId: take('request', readName),
    isOfRequest: take('asked', readChoice(['yes'])) === 'yes' ? true : undefined,
  };
  return { filter, fields, faults, position: readPosition(query, faults) };
}

function readPosition(query: URLSearchParams, faults: LogView['faults']): LogView['position'] {
  const [older, newer] = [query.get('before'), query.get('after')];
  const seq = older ?? newer;
  if (seq === null || seq === '') return undefined;
  if (CURSOR.test(seq)) return { direction: older === null ? 'newer' : 'older', seq };
  faults.cursor = 'The page that the address names does not exist: a place in the log is a whole number.';
  return undefined;
}

/** The address of a view with changed parameters; null removes one. */
export function toLogQuery(
  fields: LogView['fields'],
  changes: Partial<Record<LogField | 'before' | 'after' | 'format', string | null>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) {
    if (value !== null && value !== undefined && value !== '') query.set(name, value);
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

export function toLogHref(...args: Parameters<typeof toLogQuery>): string {
  return `${LOG_PATH}${toLogQuery(...args)}`;
}
