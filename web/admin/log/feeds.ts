import { setImmediate as turn } from 'node:timers/promises';
import { h } from 'preact';
import { render } from 'preact-render-to-string';
import type { HeadSeqs } from '../../../services/grants/log/chain-store';
import type { LogEntry, LogFilter } from '../../../services/grants/log/entry';
import { toErrorMessage } from '../../../services/runtime/errors';
import type { AdminParts } from '../parts';
import { toEvent } from './event-stream';
import { LogRow } from './rows';

/** Entries of several teams may become visible out of order, so that this many are read again. The page skips those it has. */
const OVERLAP_ENTRIES = 200;
const PAGE_SIZE = 200;
/** The most that a page shows. A subscriber further behind gets the newest of them. */
const MAX_CATCH_UP_ENTRIES = 300;

/** A subscriber to a view of the log. */
export interface Reader {
  /** The newest entry that the subscriber has. */
  after: number;
  send(message: string): void;
  end(): void;
}

/** A view with its subscribers. */
export interface FollowedView {
  filter: LogFilter;
  /** Every team that the admin may see: with several, each row names its team. */
  teamIds: readonly string[];
}

interface Feed {
  /** The workspaces of the view. */
  teamKey: string;
  filter: LogFilter;
  teamIds: readonly string[];
  withTeam: boolean;
  /** The newest entry of each team that was sent to the subscribers. */
  seen: Map<string, number>;
  newest: number;
  readers: Set<Reader>;
  /** Subscribers that have not yet been sent what they missed. */
  newcomers: Set<Reader>;
}

/**
 * Sends new entries of a view to its subscribers. A view is read once for all its subscribers, and the views of a workspace one
 * after the other: requests from Slack run between them, and between their pages.
 */
export function createFeeds({
  grants,
  tail,
  background,
  logger,
}: Pick<AdminParts, 'grants' | 'tail' | 'background' | 'logger'>): {
  join(view: FollowedView, reader: Reader): { leave(): void };
} {
  const feeds = new Map<string, Feed>();
  /** Feeds that are due to be read, by workspace: those of one never wait for those of another. */
  const lanes = new Map<string, Set<Feed>>();
  let heads: HeadSeqs | undefined;
  let watch: { stop(): void } | undefined;

  function wake(feed: Feed): void {
    const lane = lanes.get(feed.teamKey);
    if (lane !== undefined) return void lane.add(feed);
    // Their first read begins with the heads.
    if (heads === undefined) return;
    const begun = new Set([feed]);
    lanes.set(feed.teamKey, begun);
    background.run('live log', () => work(feed.teamKey, begun));
  }

  async function work(name: string, lane: Set<Feed>): Promise<void> {
    for (let [feed] = lane; feed !== undefined; [feed] = lane) {
      lane.delete(feed);
      try {
        await bringUpToDate(feed);
      } catch (error) {
        // The browsers reconnect, and name the newest entry that they have.
        logger.warn({ error: toErrorMessage(error) }, 'failed to read the live log');
        for (const reader of [...feed.readers, ...feed.newcomers]) reader.end();
      }
      await turn();
    }
    lanes.delete(name);
  }

  async function bringUpToDate(feed: Feed): Promise<void> {
    for (const teamId of feed.teamIds) await tellNew(feed, teamId, heads?.get(teamId) ?? 0);
    // Later entries are sent to them together with the others.
    for (const [after, readers] of groupByPosition([...feed.newcomers])) {
      const message = toRows(feed, await listMissed(feed, after));
      for (const reader of readers.filter((one) => feed.newcomers.delete(one))) {
        feed.readers.add(reader);
        if (message !== undefined) reader.send(message);
      }
      await turn();
    }
  }

  async function tellNew(feed: Feed, teamId: string, head: number): Promise<void> {
    const from = feed.seen.get(teamId);
    // Nothing was sent yet: each new subscriber is sent what is newer than its own newest entry.
    if (from === undefined || feed.readers.size === 0) return void feed.seen.set(teamId, head);
    for (let seq = from; seq < head; ) {
      const filter = { ...feed.filter, teamId, teamIds: undefined };
      const page = { filter, order: 'asc', cursor: String(seq), limit: PAGE_SIZE } as const;
      const { items } = await grants.listLog(page);
      const last = items.at(-1)?.seq ?? head;
      seq = items.length < PAGE_SIZE ? Math.max(head, last) : last;
      feed.seen.set(teamId, seq);
      const message = toRows(feed, items);
      if (message !== undefined) for (const reader of feed.readers) reader.send(message);
      await turn();
    }
  }

  /** All entries up to the limit, or else the newest. Oldest first. */
  async function listMissed({ filter, teamIds }: Feed, after: number): Promise<LogEntry[]> {
    const from = teamIds.length === 1 ? after : Math.max(0, after - OVERLAP_ENTRIES);
    const place = { filter, cursor: String(from), limit: MAX_CATCH_UP_ENTRIES + 1 };
    const { items } = await grants.listLog({ ...place, order: 'asc' });
    if (items.length <= MAX_CATCH_UP_ENTRIES) return items;
    const newest = await grants.listLog({ filter, order: 'desc', limit: MAX_CATCH_UP_ENTRIES });
    return newest.items.reverse();
  }

  function toRows(feed: Feed, items: readonly LogEntry[]): string | undefined {
    if (items.length === 0) return undefined;
    feed.newest = Math.max(feed.newest, ...items.map(({ seq }) => seq));
    const rows = items.map((entry) => ({
      seq: entry.seq,
      html: render(h(LogRow, { entry, withTeam: feed.withTeam })),
    }));
    return toEvent('entries', JSON.stringify(rows), feed.newest);
  }

  function onHeads(now: HeadSeqs): void {
    heads = now;
    for (const feed of feeds.values()) {
      const hasGrown = feed.teamIds.some((teamId) => (now.get(teamId) ?? 0) > (feed.seen.get(teamId) ?? 0));
      if (hasGrown || feed.newcomers.size > 0) wake(feed);
    }
  }

  return {
    join({ filter, teamIds }, reader) {
      const own = filter.teamId === undefined ? teamIds : [filter.teamId];
      const withTeam = teamIds.length > 1;
      const teamKey = own.join(' ');
      const key = JSON.stringify([filter, teamKey, withTeam]);
      const feed = feeds.get(key) ?? {
        ...{ teamKey, filter, withTeam },
        teamIds: own,
        seen: new Map(),
        newest: 0,
        readers: new Set<Reader>(),
        newcomers: new Set<Reader>(),
      };
      feeds.set(key, feed);
      feed.newcomers.add(reader);
      watch ??= tail.subscribe(onHeads);
      wake(feed);
      return {
        leave() {
          feed.readers.delete(reader);
          feed.newcomers.delete(reader);
          if (feed.readers.size + feed.newcomers.size > 0) return;
          if (feeds.get(key) === feed) feeds.delete(key);
          lanes.get(teamKey)?.delete(feed);
          if (feeds.size > 0) return;
          watch?.stop();
          watch = undefined;
          heads = undefined;
        },
      };
    },
  };
}

/** Subscribers with the same newest entry share one read. */
function groupByPosition(readers: readonly Reader[]): Map<number, Reader[]> {
  const places = new Map<number, Reader[]>();
  for (const reader of readers) {
    const others = places.get(reader.after);
    if (others === undefined) places.set(reader.after, [reader]);
    else others.push(reader);
  }
  return places;
}
