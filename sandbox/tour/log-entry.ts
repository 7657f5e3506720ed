import { isObject, parseJson } from '../json';

/** One line of `cli log --format jsonl`, as far as the tour looks at it. */
export interface LogEntry {
  event: string;
  scopes: string;
  request_id: string;
  trigger_source: string;
  error: string;
}

const FIELDS = ['event', 'scopes', 'request_id', 'trigger_source', 'error'] as const;

/** Lines that are not JSON (a warning on the way, say) are passed over. */
export function parseLog(output: string): LogEntry[] {
  return output
    .split('\n')
    .map((line) => parseJson(line))
    .filter(isObject)
    .map((entry) => {
      const [event, scopes, request_id, trigger_source, error] = FIELDS.map((name) =>
        String(entry[name] ?? ''),
      );
      return {
        event: event ?? '',
        scopes: scopes ?? '',
        request_id: request_id ?? '',
        trigger_source: trigger_source ?? '',
        error: error ?? '',
      };
    });
}
