import { stringify } from 'csv-stringify/sync';
import { LOG_COLUMNS } from './columns';
import type { Grant, LogEntry } from './entry';

export const formats = ['jsonl', 'table', 'csv'] as const;
export type Format = (typeof formats)[number];

/** A record as it leaves the product: Slack's snake_case, fields in a fixed order. */
type OutputRecord = Record<string, string | number | string[] | null>;

export function toLogRecord(entry: LogEntry): OutputRecord {
  return Object.fromEntries(
    Object.entries(LOG_COLUMNS).map(([column, property]) => [column, entry[property]]),
  );
}

export function toGrantRecord(grant: Grant): OutputRecord {
  return {
    team_id: grant.teamId,
    user_id: grant.userId,
    scope: grant.scope,
    granted_at: grant.grantedAt,
    source: grant.source,
  };
}

/** Text of entries of the log, page by page. */
export function printLogEntries(
  pages: AsyncIterable<readonly LogEntry[]>,
  format: Format,
): AsyncGenerator<string> {
  return printRecords(toLogRecords(pages), { format, columns: Object.keys(LOG_COLUMNS) });
}

async function* toLogRecords(pages: AsyncIterable<readonly LogEntry[]>): AsyncGenerator<OutputRecord[]> {
  for await (const entries of pages) yield entries.map(toLogRecord);
}

/** Text of the records, page by page. The heading of a table or of CSV comes once, also where there is no record. */
export async function* printRecords(
  pages: AsyncIterable<OutputRecord[]>,
  { format, columns }: { format: Format; columns: readonly string[] },
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
      // What a spreadsheet would run as a formula gets a ' before it: users write the reasons.
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
  if (format === 'table' && widths === undefined)
    yield toTableLine(
      columns,
      columns.map((column) => column.length),
    );
}

function toCell(value: OutputRecord[string] | undefined): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

function toTableLine(cells: readonly string[], widths: readonly number[]): string {
  // A terminal obeys control characters; a user's words must not command an admin's terminal.
  const shown = cells.map((cell, index) => cell.replace(/\p{Cc}/gu, ' ').padEnd(widths[index] ?? 0));
  return `${shown.join('  ').trimEnd()}\n`;
}
