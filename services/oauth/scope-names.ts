import type { Catalog } from '../config/catalog';

/**
 * The Permissions API of workspace apps named user scopes with `:user` at their end (`reminders:write:user`); OAuth v2
 * names the same ones without it. The catalog and the record keep the name that the catalog has.
 */
export function toOAuthScope(scope: string): string {
  return scope.endsWith(':user') ? scope.slice(0, -':user'.length) : scope;
}

/** Slack names it with every user's token; nobody asked for it. */
const IMPLIED_SCOPE = 'identify';

/** What OAuth names, as the catalog names it; what the catalog does not have, as it is. */
export function toCatalogScopes(catalog: Catalog, oauthScopes: readonly string[]): string[] {
  const named = oauthScopes.filter((scope) => scope !== IMPLIED_SCOPE);
  return [...new Set(named.map((scope) => catalog.find(scope)?.scope ?? scope))];
}
