import type { Grant, LogEntry, LogFilter } from '../../services/grants/log/entry';
import type { LogPage } from '../../services/grants/log/page';
import type { Message } from '../../services/messages/messenger';
import type { Notice } from '../../services/messages/outbox-store';
import { toLeftOut } from './consent';
import { pageButtons } from './log-page';
import { code, codeList, escapeText, joinParts, localTime, section, sections, truncate } from './text';

/** What `/permissions status` answers. */
export function statusMessage(grants: readonly Grant[]): Message {
  if (grants.length === 0)
    return { text: `You have granted nothing. Type ${code('/permissions')} to see what can be asked.` };
  const lines = grants.map((grant) => `• ${code(grant.scope)}, since ${localTime(grant.grantedAt)}`);
  return {
    text: `You have granted ${codeList(grants.map((grant) => grant.scope))}.`,
    blocks: [section('*You have granted*'), ...sections(lines)],
  };
}

/** What `/permissions log` answers: a page of the log, newest first, with buttons to the pages beside it. */
export function logMessage(page: LogPage): Message {
  const { filter, entries, hasNewer } = page;
  const asked = toAsked(filter);
  if (entries.length === 0) {
    return asked === ''
      ? { text: 'The grant log is empty: nobody has been asked yet.' }
      : { text: `Nothing in the grant log matches${asked}.` };
  }
  const title = `${hasNewer ? 'Earlier' : 'The latest'} entries of the grant log`;
  return {
    text: `${title}${asked}.`,
    blocks: [section(`*${title}*${asked}`), ...sections(entries.map(toLine)), ...pageButtons(page)],
  };
}

/** The filter in words, so that the answer is not taken for the whole log. */
function toAsked({ event, userId, scope, since, until }: LogFilter): string {
  const asked = [
    event === undefined ? undefined : `*${event}*`,
    userId === undefined ? undefined : `<@${userId}>`,
    scope === undefined ? undefined : code(scope),
    since === undefined ? undefined : `since ${localTime(since)}`,
    until === undefined ? undefined : `until ${localTime(until)}`,
  ];
  const joined = joinParts(asked, ', ');
  return joined === '' ? '' : `: ${joined}`;
}

/** Slack refuses a message whose blocks hold too much, and ten of these have to fit. */
const MAX_LINE_LENGTH = 850;

/** One entry: when, who, what, and why. */
export function toLine(entry: LogEntry): string {
  const parts = [
    localTime(entry.at),
    entry.userId === null ? 'the app' : `<@${entry.userId}>`,
    `*${entry.event}*`,
    entry.scopes.length === 0 ? undefined : codeList(entry.scopes),
    entry.error === null ? undefined : code(entry.error),
    entry.reason === null ? undefined : `“${escapeText(entry.reason)}”`,
  ];
  return truncate(`• ${joinParts(parts, ' · ')}`, MAX_LINE_LENGTH);
}

/** What a user is told once an event about them is in the database. */
export function noticeMessage(notice: Notice): Message {
  return { text: toNotice(notice) };
}

function toNotice({ event, scopes }: Notice): string {
  const what = scopes.length === 0 ? 'everything' : codeList(scopes);
  switch (event) {
    case 'granted':
      return `Noted: you granted ${what}.`;
    case 'wrong_account':
      return `Another Slack account answered in the browser when ${what} was asked of you, so nothing was granted for you. Sign in to Slack in your browser as yourself, and ask again with ${code('/permissions')}.`;
    case 'denied':
      return `Noted: you did not grant ${what}. You can change your mind with ${code('/permissions')}.`;
    case 'not_granted':
      return `Noted: you ${toLeftOut(scopes)}`;
    case 'not_requested':
      return `Slack also gave this app ${what}, which it had not asked you for. If you do not want that, take everything back with ${code('/permissions revoke')}.`;
    case 'removed':
      return `Noted: you took back ${what}. It is no longer used.`;
  }
}
