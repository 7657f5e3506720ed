import { decodeEntities, visibleText } from './visible-text';

const LINK = /<a\b([^>]*)>([\s\S]*?)<\/a\s*>/gi;

/** The address of the link that reads so; a picture reads as its `alt`. */
export function findLink({ html, url }: { html: string; url: string }, label: string): string {
  const links = [...html.matchAll(LINK)].map(([, attributes = '', inner = '']) => ({
    label: visibleText(`<p>${inner}</p>`) || attribute(inner, 'alt'),
    href: attribute(attributes, 'href'),
  }));
  const found = links.find((link) => link.label === label);
  if (found) return new URL(found.href, url).href;
  const labels = links.map((link) => `"${link.label}"`).join(', ');
  throw new Error(`There is no link "${label}" on ${url}; there is ${labels || 'none'}.`);
}

function attribute(tag: string, name: string): string {
  return decodeEntities(new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1] ?? '');
}
