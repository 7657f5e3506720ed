import type { ServerResponse } from 'node:http';
import type { CustomRoute } from '@slack/bolt';
import { h } from 'preact';
import { render } from 'preact-render-to-string';
import type { Timer } from '../../../services/clock';
import type { Heads } from '../../../services/grants/tail';
import type { Guard } from '../guard';
import { PAGE_HEADERS } from '../headers';
import type { AdminParts } from '../parts';
import { LogRow } from './rows';
import { type LogView, readLogView } from './view';

/** How often a stream says that it is alive, and looks whether its reader may still read. */
const HEARTBEAT_MS = 15_000;
/** Between teams, entries need not become visible in their order: so many are looked at again. The page knows its own. */
const OVERLAP = 200;
const ENTRIES_AT_ONCE = 200;
/** A reader who does not read is let go; the browser comes back by itself. */
const UNREAD_LIMIT_BYTES = 1_000_000;

/** `GET /admin/log/live`: new entries of a view as server-sent events. `stop` ends all of them. */
export function createLive(
  guard: Guard,
  parts: Pick<AdminParts, 'sessions' | 'teams' | 'grants' | 'tail' | 'clock' | 'background'>,
): { route: CustomRoute; stop(): void } {
  const streams = new Set<{ end(): void }>();
  let isStopped = false;

  const route = guard.open('GET', '/admin/log/live', async ({ request, response, query, cookie }) => {
    // An open page is no gesture: a session ends when its reader has gone, not when the browser has.
    const findReader = () => parts.sessions.find(cookie, { isGesture: false });
    const reader = await findReader();
    response.writeHead(200, {
      ...PAGE_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    if (reader.kind !== 'signed_in') return void response.end(toMessage('ended', reader.kind));
    const teamIds = await parts.teams.list(reader.admin);
    const view = readLogView(query, teamIds);
    if (isStopped || Object.keys(view.faults).length > 0) return void response.end();
    const resumed = Number(request.headers['last-event-id'] ?? query.get('from'));
    const after = Number.isSafeInteger(resumed) && resumed >= 0 ? resumed : 0;
    const stream = openStream(parts, { response, view, teamIds, after, findReader });
    streams.add(stream);
    response.once('close', () => {
      streams.delete(stream);
      stream.end();
    });
  });

  return {
    route,
    stop() {
      isStopped = true;
      for (const stream of streams) stream.end();
    },
  };
}

interface Stream {
  response: ServerResponse;
  view: LogView;
  teamIds: readonly string[];
  /** The newest entry that the page has. */
  after: number;
  findReader: () => ReturnType<AdminParts['sessions']['find']>;
}

function openStream(
  { grants, tail, clock, background }: Pick<AdminParts, 'grants' | 'tail' | 'clock' | 'background'>,
  { response, view, teamIds, after, findReader }: Stream,
): { end(): void } {
  const own = view.filter.teamId === undefined ? teamIds : [view.filter.teamId];
  const start = Math.max(0, own.length === 1 ? after : after - OVERLAP);
  const seen = new Map(own.map((teamId) => [teamId, start]));
  let newest = after;
  let next: Heads | undefined;
  let isAtWork = false;
  let isEnded = false;
  let heartbeat: Timer | undefined;

  function send(message: string): void {
    if (isEnded) return;
    response.write(message);
    if (response.writableLength > UNREAD_LIMIT_BYTES) end();
  }

  /** Heads that come meanwhile are taken up afterwards, the last of them. */
  async function catchUp(): Promise<void> {
    for (let heads = next; heads !== undefined && !isEnded; heads = next) {
      next = undefined;
      for (const teamId of own) await sendNew(teamId, heads.get(teamId) ?? 0);
    }
  }

  async function sendNew(teamId: string, head: number): Promise<void> {
    for (let from = seen.get(teamId) ?? 0; from < head && !isEnded; from = seen.get(teamId) ?? head) {
      const filter = { ...view.filter, teamId, teamIds: undefined };
      const page = { filter, order: 'asc', cursor: String(from), limit: ENTRIES_AT_ONCE } as const;
      const { items } = await grants.listLog(page);
      const isAll = items.length < ENTRIES_AT_ONCE;
      seen.set(teamId, isAll ? Math.max(head, items.at(-1)?.seq ?? 0) : (items.at(-1)?.seq ?? head));
      if (items.length === 0) continue;
      const rows = items.map((entry) => ({
        seq: entry.seq,
        html: render(h(LogRow, { entry, withTeam: teamIds.length > 1 })),
      }));
      newest = Math.max(newest, ...items.map(({ seq }) => seq));
      send(toMessage('entries', JSON.stringify(rows), newest));
    }
  }

  const watch = tail.watch((heads) => {
    next = heads;
    if (isAtWork || isEnded) return;
    isAtWork = true;
    background.run('live log', () =>
      catchUp().finally(() => {
        isAtWork = false;
      }),
    );
  });

  async function lookAfterReader(): Promise<void> {
    const reader = await findReader();
    if (reader.kind === 'signed_in') return send(': alive\n\n');
    send(toMessage('ended', reader.kind));
    end();
  }

  function beat(): void {
    heartbeat = clock.setTimeout(() => {
      if (isEnded) return;
      background.run('reader of the live log', lookAfterReader);
      beat();
    }, HEARTBEAT_MS);
  }

  function end(): void {
    if (isEnded) return;
    isEnded = true;
    heartbeat?.cancel();
    watch.stop();
    response.end();
  }

  send('retry: 2000\n: live\n\n');
  beat();
  return { end };
}

function toMessage(event: string, data: string, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
