import { z } from 'zod';

const scopeList = z.array(z.string());

/** Parses a list of scopes, which every database stores as JSON in a text column. */
export function toScopeList(json: string): string[] {
  return scopeList.parse(JSON.parse(json));
}
