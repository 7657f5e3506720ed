import { isObject, toObjects } from '../../json';
import type { JsonObject } from '../../types';

/** Blocks, views and dialogs are what an app sent: nothing about their shape is certain until it is looked at. */

export function objectIn(parent: JsonObject, key: string): JsonObject | undefined {
  const value = parent[key];
  return isObject(value) ? value : undefined;
}

export function objectsIn(parent: JsonObject, key: string): JsonObject[] {
  return toObjects(parent[key]);
}

/** The text at `key`; '' where there is none. Numbers count as text, as they do at Slack. */
export function textIn(parent: JsonObject, key: string): string {
  const value = parent[key];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : '';
}

export function numberIn(parent: JsonObject, key: string): number | undefined {
  const value = parent[key];
  return typeof value === 'number' ? value : undefined;
}

export function isTrue(parent: JsonObject, key: string): boolean {
  return parent[key] === true;
}

/** Slack escapes three characters in every text; this undoes it, for places that show text as it is. */
export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** What a text object (`{ type, text }`) at `key` says, without markup. */
export function labelIn(parent: JsonObject, key: string): string {
  const value = parent[key];
  if (typeof value === 'string') return unescapeText(value);
  return isObject(value) ? unescapeText(textIn(value, 'text')) : '';
}
