import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { CustomRoute } from '@slack/bolt';
import type { LogFilter } from '../../../services/grants/log-entry';
import { printRecords, toLogRecord } from '../../../services/grants/print';
import type { Guard } from '../guard';
import { PAGE_HEADERS } from '../headers';
import { sendAdminPage } from '../layout';
import type { AdminParts } from '../parts';
import { Faults } from './page';
import { readLogView } from './view';

const ENTRIES_AT_ONCE = 500;

const COLUMNS =
  'seq at team_id user_id event scopes source request_id trigger_source event_id error reason hash'.split(
    ' ',
  );

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
} as const;

/** `GET /admin/log/export`: the view as a file, newest first, read no faster than it is taken. */
export function createExportRoute(
  guard: Guard,
  { grants, logger, clock }: Pick<AdminParts, 'grants' | 'logger' | 'clock'>,
): CustomRoute {
  async function* readPages(filter: LogFilter) {
    let cursor: string | undefined;
    do {
      const page = await grants.listLog({ filter, order: 'desc', cursor, limit: ENTRIES_AT_ONCE });
      yield page.items.map(toLogRecord);
      cursor = page.nextCursor;
      // Slack's requests come first.
      await turn();
    } while (cursor !== undefined);
  }

  return guard.signedIn('GET', '/admin/log/export', async ({ response, query, admin, teamIds }) => {
    const { filter, faults } = readLogView(query, teamIds);
    const format = query.get('format') ?? 'csv';
    if ((format !== 'csv' && format !== 'jsonl') || Object.keys(faults).length > 0) {
      const all =
        format === 'csv' || format === 'jsonl' ? faults : { ...faults, format: 'Choose csv or jsonl.' };
      return sendAdminPage(response, 400, {
        title: 'Export',
        admin,
        children: <Faults faults={all} />,
      });
    }
    const name = `grant-log-${new Date(clock.now()).toISOString().slice(0, 10)}.${format}`;
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="${name}"`,
    });
    try {
      await pipeline(Readable.from(printRecords(readPages(filter), { format, columns: COLUMNS })), response);
    } catch (error) {
      // Whoever goes away before the end has seen enough. Anything else breaks the download off, so that it is noticed.
      if (!isGone(error)) throw error;
      logger.debug('an export was broken off by its reader');
    }
  });
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
