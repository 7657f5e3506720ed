import { stringify } from 'csv-stringify/sync';
import { type Grant, LOG_COLUMNS, type LogEntry } from './entry';

export const outputFormats = ['jsonl', 'table', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** A record in every output: Slack's snake_case, fields in a fixed order. */
type OutputRecord = Record<string, string | number | string[] | null>;

export function toLogRecord(entry: LogEntry): OutputRecord {
  return Object.fromEntries(
    Object.entries(LOG_COLUMNS).map(([column, property]) => [column, entry[property]]),
  );
}

export function toGrantRecord({ teamId, userId, scope, grantedAt, source }: Grant): OutputRecord {
  return { team_id: teamId, user_id: userId, scope, granted_at: grantedAt, source };
}

/** Prints log entries, page by page. */
export function printLogEntries(
  pages: AsyncIterable<readonly LogEntry[]>,
  format: OutputFormat,
): AsyncGenerator<string> {
  return printRecords(toLogRecords(), { format, columns: Object.keys(LOG_COLUMNS) });

  async function* toLogRecords(): AsyncGenerator<OutputRecord[]> {
    for await (const entries of pages) yield entries.map(toLogRecord);
  }
}

/** Prints records, page by page. A table or CSV has its heading once, even without any record. */
export async function* printRecords(
  pages: AsyncIterable<OutputRecord[]>,
  { format, columns }: { format: OutputFormat; columns: readonly string[] },
): AsyncGenerator<string> {
  if (format === 'csv') yield stringify([[...columns]]);
  let widths: number[] | undefined;
  for await (const records of pages) {
    if (format === 'jsonl') {
      yield records.map((record) => `${JSON.stringify(record)}\n`).join('');
      continue;
    }
    const rows = records.map((record) => columns.map((column) => toCell(record[column])));
    if (format === 'csv') {
      // Users write the reasons: a ' keeps a spreadsheet from running one as a formula.
      if (rows.length > 0) yield stringify(rows, { escape_formulas: true });
      continue;
    }
    if (widths === undefined) {
      widths = columns.map((column, index) =>
        Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
      );
      yield toTableLine(columns, widths);
    }
    for (const row of rows) yield toTableLine(row, widths);
  }
  if (format === 'table' && widths === undefined) yield toTableLine(columns, []);
}

function toCell(value: OutputRecord[string] | undefined): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

function toTableLine(cells: readonly string[], widths: readonly number[]): string {
  // Control characters in a user's words must not reach an admin's terminal.
  const shown = cells.map((cell, index) => cell.replace(/\p{Cc}/gu, ' ').padEnd(widths[index] ?? 0));
  return `${shown.join('  ').trimEnd()}\n`;
}
