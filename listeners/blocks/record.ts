import type { Grant, LogEntry } from '../../services/grants/log-entry';
import type { Notice } from '../../services/notices/store';
import type { Message } from '../../services/slack-messages';
import { code, codeList, escapeText, localTime, section, sections } from './text';

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

/** What `/permissions log` answers to an admin: newest first. */
export function logMessage(entries: readonly LogEntry[]): Message {
  if (entries.length === 0) return { text: 'The grant log is empty: nobody has been asked yet.' };
  return {
    text: `The latest ${entries.length} entries of the grant log.`,
    blocks: [section(`*The latest entries of the grant log*`), ...sections(entries.map(toLine))],
  };
}

function toLine(entry: LogEntry): string {
  const who = entry.userId === null ? 'the app' : `<@${entry.userId}>`;
  const parts = [
    localTime(entry.at),
    who,
    `*${entry.event}*`,
    entry.scopes.length === 0 ? undefined : codeList(entry.scopes),
  ];
  const details = [
    entry.error === null ? undefined : code(entry.error),
    entry.reason === null ? undefined : `“${escapeText(entry.reason)}”`,
  ];
  return `• ${[...parts, ...details].filter((part) => part !== undefined).join(' · ')}`;
}

/** What a user is told once an event about them is in the database. */
export function noticeMessage({ event, scopes }: Notice): Message {
  const what = scopes.length === 0 ? 'everything' : codeList(scopes);
  if (event === 'granted') return { text: `Noted: you granted ${what}.` };
  if (event === 'wrong_account')
    return {
      text: `Another Slack account answered in the browser when ${what} was asked of you, so nothing was granted, and what it allowed was revoked. Sign in to Slack in your browser as yourself, and ask again with ${code('/permissions')}.`,
    };
  if (event === 'denied')
    return {
      text: `Noted: you did not grant ${what}. You can change your mind with ${code('/permissions')}.`,
    };
  return { text: `Noted: you took back ${what}. It is no longer used.` };
}
