import type { ActionsBlock, Button, KnownBlock, PlainTextElement } from '@slack/web-api';

/** Slack's limit for the text of a section is 3,000 characters: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MAX_SECTION_LENGTH = 2_900;

/** Escapes text from outside: https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function code(text: string): string {
  return `\`${escapeText(text).replaceAll('`', 'ˋ')}\``;
}

/** "`a`, `b` and `c`". */
export function codeList(items: readonly string[]): string {
  return new Intl.ListFormat('en').format(items.map(code));
}

/** A time, which Slack shows in the reader's own zone; in ISO form where a client cannot. */
export function localTime(iso: string): string {
  return `<!date^${Math.floor(Date.parse(iso) / 1_000)}^{date_short_pretty}, {time}|${iso}>`;
}

/** Cuts to at most `limit` characters; Slack refuses a whole message for one text that is too long. */
export function truncate(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

export function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text, emoji: true };
}

/** A button; `more` holds its optional fields. */
export function button(action_id: string, label: string, more: Partial<Button> = {}): Button {
  return { type: 'button', action_id, text: plain(label), ...more };
}

export function actions(...elements: Button[]): ActionsBlock {
  return { type: 'actions', elements };
}

/** Joins the parts that are not undefined. */
export function joinParts(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined).join(separator);
}

export function section(markdown: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: truncate(markdown, MAX_SECTION_LENGTH) } };
}

/** As few sections as hold all the lines. */
export function sections(lines: readonly string[]): KnownBlock[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length < MAX_SECTION_LENGTH)
      texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}
