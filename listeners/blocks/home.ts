import type { KnownBlock, View } from '@slack/web-api';
import type { HeldScope, HomeContent, LogSummary } from '../../services/admin/app-home/content';
import { type LogEvent, logEvents } from '../../services/grants/log/entry';
import { toLine } from './grant-log';
import { ids } from './ids';
import { askBlocks, toReasonLine } from './overview';
import { revokeButtonWithConfirmation } from './revoke';
import { actions, code, escapeText, localTime, plain, section, sections, truncate } from './text';

/** Of the 100 that Slack allows (https://docs.slack.dev/surfaces/app-home), so that what follows a list still fits. */
const MAX_LIST_BLOCKS = 25;
const MAX_REASON_LENGTH = 200;

/** App Home: what the user granted and can be asked for; for admins also the latest of the grant log. */
export function homeView({ teamId, at, held, open, log }: HomeContent): View {
  return {
    type: 'home',
    // Its buttons send this back: the user's own workspace may be another one of the enterprise.
    private_metadata: teamId,
    blocks: [
      header('My permissions'),
      ...heldBlocks(held),
      header('What you can be asked for'),
      ...(open.length === 0
        ? [section('You have granted all that can be asked.')]
        : [...list(open.map(toReasonLine)), ...askBlocks(open)]),
      ...logBlocks(log),
      context(`As of ${localTime(at)}. ${code(`${ids.command} help`)} shows what you can type.`),
    ],
  };
}

function heldBlocks(held: readonly HeldScope[]): KnownBlock[] {
  if (held.length === 0) return [section('You have granted nothing yet.')];
  return [...list(held.map(toHeldLine)), actions(revokeButtonWithConfirmation)];
}

function toHeldLine({ scope, since, entry, reason }: HeldScope): string {
  const name = entry === undefined ? code(scope) : `*${escapeText(entry.label)}* (${code(scope)})`;
  const lines = [`• ${name}, since ${localTime(since)}`];
  if (entry !== undefined) lines.push(escapeText(entry.reason));
  if (reason !== null) lines.push(`You wrote: “${escapeText(truncate(reason, MAX_REASON_LENGTH))}”`);
  return lines.join('\n   ');
}

function logBlocks(log: HomeContent['log']): KnownBlock[] {
  if (log.is === 'hidden') return [];
  if (log.is === 'shown') return [header('The grant log'), ...summaryBlocks(log.summary)];
  return [
    context(
      `Slack did not say whether you are an admin (${code(log.error)}). If you are, open this again in a minute for the grant log.`,
    ),
  ];
}

const EVENT_LABELS: Readonly<Record<LogEvent, string>> = {
  requested: 'asked',
  granted: 'granted',
  denied: 'denied',
  unanswered: 'unanswered',
  failed: 'failed',
  removed: 'removed',
};

function summaryBlocks({ latest, week }: LogSummary): KnownBlock[] {
  const figures = logEvents.map((event) => `${EVENT_LABELS[event]} *${week.get(event) ?? 0}*`);
  return [
    section(`The last seven days: ${figures.join(', ')}`),
    ...(latest.length === 0 ? [section('The log is empty: nobody has been asked yet.')] : []),
    ...list(latest.map(toLine)),
    context(`${code(`${ids.command} log`)} shows more.`),
  ];
}

function list(lines: readonly string[]): KnownBlock[] {
  const blocks = sections(lines);
  if (blocks.length <= MAX_LIST_BLOCKS) return blocks;
  return [...blocks.slice(0, MAX_LIST_BLOCKS), context('The list goes on; it is cut here.')];
}

function header(text: string): KnownBlock {
  return { type: 'header', text: plain(text) };
}

function context(markdown: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: markdown }] };
}
