import type { KnownBlock } from '@slack/web-api';
import { z } from 'zod';
import { type LogFilter, logEvents } from '../../services/grants/log/entry';
import type { LogPage, LogPosition } from '../../services/grants/log/page';
import { parseJson } from '../../services/runtime/json';
import { ids } from './ids';
import { actions, button } from './text';

/**
 * What a button under a page of the log holds: all that the next page needs, far below the 2,000 characters that Slack
 * keeps. It does not say whose log it is: that is the workspace of whoever presses.
 */
const pageState = z.strictObject({
  user: z.string().optional(),
  scope: z.string().optional(),
  event: z.enum(logEvents).optional(),
  since: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  before: z.number().int().optional(),
  after: z.number().int().optional(),
});

/** The ways to the pages beside this one; none where it is the only one. */
export function pageButtons({ filter, entries, hasOlder, hasNewer }: LogPage): KnownBlock[] {
  const [newest, oldest] = [entries.at(0), entries.at(-1)];
  if (newest === undefined || oldest === undefined || !(hasOlder || hasNewer)) return [];
  const { userId: user, scope, event, since, until } = filter;
  const toPlace = (place: LogPosition) => ({
    value: JSON.stringify({ user, scope, event, since, until, ...place }),
  });
  const newer = button(ids.actions.newer, 'Newer', toPlace({ after: newest.seq }));
  const older = button(ids.actions.older, 'Older', toPlace({ before: oldest.seq }));
  return [actions(...(hasNewer ? [newer] : []), ...(hasOlder ? [older] : []))];
}

/** Reads it back; undefined for anything else. */
export function readPageValue(
  value: string | undefined,
): { filter: Omit<LogFilter, 'teamId' | 'teamIds'>; place: LogPosition } | undefined {
  const parsed = pageState.safeParse(parseJson(value ?? ''));
  if (!parsed.success) return undefined;
  const { user: userId, before, after, ...rest } = parsed.data;
  return { filter: { userId, ...rest }, place: { before, after } };
}
