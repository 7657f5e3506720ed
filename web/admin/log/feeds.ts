import { setImmediate as turn } from 'node:timers/promises';
import { h } from 'preact';
import { render } from 'preact-render-to-string';
import type { HeadSeqs } from '../../../services/grants/log/chain-store';
import type { LogEntry, LogFilter } from '../../../services/grants/log/entry';
import { toErrorMessage } from '../../../services/runtime/errors';
import type { AdminParts } from '../parts';
import { toEvent } from './event-stream';
import { LogRow } from './rows';

/** Between teams, entries need not become visible in their order: so many are looked at again. The page knows its own. */
const OVERLAP_ENTRIES = 200;
const PAGE_SIZE = 200;
/** A page shows no more than so many. Whoever is further behind gets the newest of them. */
const MAX_CATCH_UP_ENTRIES = 300;

/** Somebody who follows a view of the log. */
export interface Reader {
  /** The newest entry that they have. */
  after: number;
  send(message: string): void;
  end(): void;
}

/** A view as it is followed. */
export interface FollowedView {
  filter: LogFilter;
  /** All that may be seen: of several, each row says which. */
  teamIds: readonly string[];
}

interface Feed {
  /** Its workspaces. */
  teamKey: string;
  filter: LogFilter;
  teamIds: readonly string[];
  withTeam: boolean;
  /** Up to which entry of each team its readers have been told. */
  seen: Map<string, number>;
  newest: number;
  readers: Set<Reader>;
  /** Who is still to be told what they have missed. */
  newcomers: Set<Reader>;
}

/**
 * New entries of views, for whoever follows them. A view is read once however many follow it, and one view of a workspace after
 * the other: between them, and between their pages, Slack's requests come first.
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
  /** The feeds that are to be looked at, by workspace: those of one never wait for those of another. */
  const lanes = new Map<string, Set<Feed>>();
  let heads: HeadSeqs | undefined;
  let watch: { stop(): void } | undefined;

  function wake(feed: Feed): void {
    const lane = lanes.get(feed.teamKey);
    if (lane !== undefined) return void lane.add(feed);
    // Their first look begins with the heads.
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
        // Their browsers come back, and say what they have.
        logger.warn({ error: toErrorMessage(error) }, 'failed to read the live log');
        for (const reader of [...feed.readers, ...feed.newcomers]) reader.end();
      }
      await turn();
    }
    lanes.delete(name);
  }

  async function bringUpToDate(feed: Feed): Promise<void> {
    for (const teamId of feed.teamIds) await tellNew(feed, teamId, heads?.get(teamId) ?? 0);
    // What is recorded from here on they are told with the others.
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
    // Nobody has been told anything yet: what there is, newcomers are told each by their own place.
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

  /** All of it where it is little, and otherwise the newest. Oldest first. */
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

/** Those who have the same are told by one look. */
function groupByPosition(readers: readonly Reader[]): Map<number, Reader[]> {
  const places = new Map<number, Reader[]>();
  for (const reader of readers) {
    const others = places.get(reader.after);
    if (others === undefined) places.set(reader.after, [reader]);
    else others.push(reader);
  }
  return places;
}
