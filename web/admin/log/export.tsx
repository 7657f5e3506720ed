import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { LogFilter } from '../../../services/grants/log/entry';
import { printLogEntries } from '../../../services/grants/log/print';
import type { Member } from '../../../services/slack/workspace';
import type { Route } from '../../server';
import type { Guard } from '../guard';
import { PAGE_HEADERS } from '../headers';
import { sendAdminPage } from '../layout';
import type { AdminParts } from '../parts';
import { Faults } from './page';
import { readLogView, toLogQuery } from './view';

const PAGE_SIZE = 500;
const MAX_EXPORTS_PER_TEAM = 3;

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
} as const;

/** `GET /admin/log/export`: streams the view as a file, newest first, at the pace of the client; it ends with the session. */
export function createExportRoute(
  guard: Guard,
  {
    grants,
    sessions,
    sessionMonitor,
    accessLog,
    logger,
    clock,
  }: Pick<AdminParts, 'grants' | 'sessions' | 'sessionMonitor' | 'accessLog' | 'logger' | 'clock'>,
): Route {
  /** Exports in progress: each reads the log for as long as its client takes. */
  const underWay = new Set<{ key: string | undefined; teamId: string }>();

  async function* readPages(filter: LogFilter) {
    let cursor: string | undefined;
    do {
      const page = await grants.listLog({ filter, order: 'desc', cursor, limit: PAGE_SIZE });
      yield page.items;
      cursor = page.nextCursor;
      // Lets requests from Slack run first.
      await turn();
    } while (cursor !== undefined);
  }

  async function send(
    response: ServerResponse,
    filter: LogFilter,
    format: keyof typeof TYPES,
  ): Promise<void> {
    const name = `grant-log-${new Date(clock.now()).toISOString().slice(0, 10)}.${format}`;
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="${name}"`,
    });
    try {
      await pipeline(Readable.from(printLogEntries(readPages(filter), format)), response);
    } catch (error) {
      // A client that disconnects is no error. On any other error the download is aborted, so that it is not taken for complete.
      if (!isGone(error)) throw error;
      logger.debug('export aborted by the client or by the end of the session');
    }
  }

  return guard.signedIn('GET', '/admin/log/export', async (visit) => {
    const { response, query, cookie, admin, teamIds } = visit;
    const { filter, fields, faults } = readLogView(query, teamIds);
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
    const mine = { key: sessions.toKey(cookie), teamId: admin.teamId };
    const sameTeam = [...underWay].filter(({ teamId }) => teamId === mine.teamId);
    if (sameTeam.length >= MAX_EXPORTS_PER_TEAM || sameTeam.some(({ key }) => key === mine.key))
      return sendTooMany(response, admin);
    underWay.add(mine);
    const { stop } = await sessionMonitor.follow(cookie, () => response.destroy());
    try {
      const teams = filter.teamId === undefined ? teamIds : [filter.teamId];
      await accessLog.record({
        teamIds: [...new Set([admin.teamId, ...teams])],
        userId: admin.userId,
        event: 'exported',
        detail: `${format}${toLogQuery(fields)}`,
      });
      await send(response, filter, format);
    } finally {
      stop();
      underWay.delete(mine);
    }
  });
}

function sendTooMany(response: ServerResponse, admin: Member): void {
  const title = 'An export is under way';
  sendAdminPage(response, 429, {
    title,
    admin,
    children: (
      <>
        <h1>{title}</h1>
        <p>
          Each session has one at a time, and each workspace {MAX_EXPORTS_PER_TEAM}. Wait until it is done,
          and export again.
        </p>
      </>
    ),
  });
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
