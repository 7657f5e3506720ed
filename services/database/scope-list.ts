import { z } from 'zod';

const scopeList = z.array(z.string());

/** Lists of scopes stand in text columns as JSON, alike on every database. */
export function toScopeList(json: string): string[] {
  return scopeList.parse(JSON.parse(json));
}
