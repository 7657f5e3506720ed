import type { LogEntry, LogEvent } from '../../services/grants/log/entry';
import type { Message } from '../../services/messages/messenger';
import { code, codeList, escapeText, joinParts, localTime, sections, truncate } from './text';

/** Slack refuses a message whose blocks hold too much (`msg_blocks_too_long`), and does not say how much that is. */
const MAX_MESSAGE_LENGTH = 9_000;
/** The channel shows a part of a long entry; the log holds all of it. */
const MAX_REASON_LENGTH = 500;
const MAX_SCOPES_SHOWN = 30;

const EVENT_VERBS: Readonly<Record<LogEvent, string>> = {
  requested: 'was asked for',
  granted: 'granted',
  denied: 'denied',
  unanswered: 'did not answer about',
  failed: 'could not be asked for',
  removed: 'no longer grants',
};

/** The message for the audit channel, with as many of the entries, in order, as it can hold. */
export function logDeliveryMessage(entries: readonly LogEntry[]): { message: Message; count: number } {
  const lines: string[] = [];
  let length = 0;
  for (const line of entries.map(toLine)) {
    length += line.length;
    if (lines.length > 0 && length > MAX_MESSAGE_LENGTH) break;
    lines.push(line);
  }
  const [entry] = entries;
  const text =
    lines.length === 1 && entry !== undefined
      ? `${entry.userId ?? 'The app'}: ${entry.event} ${entry.scopes.join(', ')}`.trim()
      : `${lines.length} new entries of the grant log.`;
  return {
    message: { text: truncate(text, MAX_MESSAGE_LENGTH), blocks: sections(lines) },
    count: lines.length,
  };
}

function toLine(entry: LogEntry): string {
  const who = entry.userId === null ? 'The app' : `<@${entry.userId}>`;
  const shown = entry.scopes.slice(0, MAX_SCOPES_SHOWN);
  const more = entry.scopes.length - shown.length;
  const scopes = `${codeList(shown)}${more > 0 ? ` and ${more} more` : ''}`;
  const what = entry.scopes.length === 0 ? 'anything' : scopes;
  const details = [
    localTime(entry.at),
    `#${entry.seq}`,
    entry.error === null ? undefined : code(truncate(entry.error, MAX_REASON_LENGTH)),
    entry.source === 'users_list' ? 'found by the sync' : undefined,
    entry.reason === null ? undefined : `“${escapeText(toOneLine(entry.reason))}”`,
  ];
  return `${who} *${EVENT_VERBS[entry.event]}* ${what} · ${joinParts(details, ' · ')}`;
}

/** A user's text must not look like another entry. */
function toOneLine(text: string): string {
  return truncate(text.replace(/\s+/g, ' '), MAX_REASON_LENGTH);
}
