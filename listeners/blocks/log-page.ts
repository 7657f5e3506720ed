import type { KnownBlock } from '@slack/web-api';
import { z } from 'zod';
import { type LogFilter, logEvents } from '../../services/grants/log/entry';
import type { LogPage, LogPosition } from '../../services/grants/log/page';
import { ids } from './ids';
import { plain } from './text';

/**
 * What a button under a page of the log holds: all that the next page needs, far below the 2,000 characters that Slack
 * keeps. Whose log it is stands not in it: that is the workspace of whoever presses.
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
  const button = (action_id: string, label: string, place: LogPosition) => ({
    type: 'button' as const,
    action_id,
    text: plain(label),
    value: toValue(filter, place),
  });
  const { newer, older } = ids.actions;
  return [
    {
      type: 'actions',
      elements: [
        ...(hasNewer ? [button(newer, 'Newer', { after: newest.seq })] : []),
        ...(hasOlder ? [button(older, 'Older', { before: oldest.seq })] : []),
      ],
    },
  ];
}

function toValue({ userId: user, scope, event, since, until }: LogFilter, place: LogPosition): string {
  return JSON.stringify({ user, scope, event, since, until, ...place });
}

/** Reads it back; undefined for anything else. */
export function readPageValue(
  value: string | undefined,
): { filter: Omit<LogFilter, 'teamId' | 'teamIds'>; place: LogPosition } | undefined {
  const parsed = pageState.safeParse(toJson(value));
  if (!parsed.success) return undefined;
  const { user: userId, before, after, ...rest } = parsed.data;
  return { filter: { userId, ...rest }, place: { before, after } };
}

function toJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
