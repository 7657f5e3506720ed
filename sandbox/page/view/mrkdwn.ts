import { unescapeText } from './json';

/** What a piece of Slack's mrkdwn means. Texts are plain here: whoever shows them escapes them. */
export type MrkdwnNode =
  | { type: 'text'; text: string }
  | { type: 'break' }
  | { type: 'bold' | 'italic' | 'strike' | 'quote'; children: MrkdwnNode[] }
  | { type: 'code' | 'pre'; text: string }
  | { type: 'link'; url: string; label: string }
  | { type: 'user'; id: string }
  | { type: 'mention'; label: string }
  | { type: 'date'; at: number; format: string };

const FENCE = /```\n?([\s\S]+?)\n?```/g;
const QUOTED = /^(?:&gt;|>) ?/;
// In this order: code hides everything in it, then <…>, then the three marks, which hug their words.
const INLINE =
  /`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(\S|\S[^*\n]*\S)\*(?![\w*])|(?<![\w])_(\S|\S[^_\n]*\S)_(?![\w])|(?<![\w~])~(\S|\S[^~\n]*\S)~(?![\w~])/g;

export function parseMrkdwn(text: string): MrkdwnNode[] {
  return splitBy(text, FENCE, toLines, ([, code = '']) => [{ type: 'pre', text: unescapeText(code) }]);
}

function toLines(text: string): MrkdwnNode[] {
  const nodes: MrkdwnNode[] = [];
  let quote: MrkdwnNode[] | undefined;
  for (const line of text.split('\n')) {
    const last = nodes.at(-1);
    if (QUOTED.test(line)) {
      if (quote) quote.push({ type: 'break' });
      else {
        quote = [];
        nodes.push({ type: 'quote', children: quote });
      }
      quote.push(...toInline(line.replace(QUOTED, '')));
      continue;
    }
    quote = undefined;
    if (last && last.type !== 'quote') nodes.push({ type: 'break' });
    nodes.push(...(line === '' && !last ? [] : toInline(line)));
  }
  return nodes;
}

function toInline(text: string): MrkdwnNode[] {
  const plain = (rest: string): MrkdwnNode[] => [{ type: 'text', text: unescapeText(rest) }];
  return splitBy(text, INLINE, plain, ([whole, code, angle, bold, italic, strike]) => {
    if (code !== undefined) return [{ type: 'code', text: unescapeText(code) }];
    if (angle !== undefined) return [toReference(angle)];
    if (bold !== undefined) return [{ type: 'bold', children: toInline(bold) }];
    if (italic !== undefined) return [{ type: 'italic', children: toInline(italic) }];
    if (strike !== undefined) return [{ type: 'strike', children: toInline(strike) }];
    return plain(whole);
  });
}

/** `<…>`: a link, somebody, something; or, where it is none of these, just the text that it is. */
function toReference(inside: string): MrkdwnNode {
  const [target = '', label = ''] = inside.split('|', 2).map(unescapeText);
  if (/^@[UW]\w+$/.test(target)) return { type: 'user', id: target.slice(1) };
  if (/^#C\w+$/.test(target)) return { type: 'mention', label: `#${label || target.slice(1)}` };
  if (/^!(here|channel|everyone)$/.test(target)) return { type: 'mention', label: `@${target.slice(1)}` };
  const date = /^!date\^(\d+)\^([^^]*)/.exec(target);
  if (date?.[1]) return { type: 'date', at: Number(date[1]) * 1000, format: date[2] ?? '' };
  if (target.startsWith('!')) return { type: 'text', text: label };
  if (isSafeUrl(target)) return { type: 'link', url: target, label: label || target };
  return { type: 'text', text: unescapeText(`<${inside}>`) };
}

/** Only these lead out of the page: `javascript:` and its like never become a link. */
export function isSafeUrl(url: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(url);
}

/** Cuts `text` at each match; what lies between goes through `between`, the matches through `at`. */
function splitBy(
  text: string,
  pattern: RegExp,
  between: (rest: string) => MrkdwnNode[],
  at: (match: RegExpMatchArray) => MrkdwnNode[],
): MrkdwnNode[] {
  const nodes: MrkdwnNode[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) nodes.push(...between(text.slice(from, match.index)));
    nodes.push(...at(match));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(...between(text.slice(from)));
  return nodes;
}
