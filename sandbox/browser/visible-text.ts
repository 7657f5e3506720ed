const UNSEEN = /<(head|script|style|template)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi;
/** These stand within a line; any other element begins a new one. */
const INLINE = /<\/?(a|abbr|b|code|em|i|kbd|label|small|span|strong|time|u)\b[^>]*>/gi;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** What can be read on a page, near enough: one line for each block. Text that is not HTML stays as it is. */
export function visibleText(html: string): string {
  if (!html.trimStart().startsWith('<')) return html.trim();
  const text = html
    .replace(UNSEEN, '\n')
    .replace(/\s+/g, ' ')
    .replace(INLINE, '')
    .replace(/<[^>]*>/g, '\n');
  const lines = text.split('\n').map((line) => decodeEntities(line).trim());
  return lines.filter((line) => line !== '').join('\n');
}

export function decodeEntities(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const isHex = /^#x/i.test(name);
    return String.fromCodePoint(Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10));
  });
}
