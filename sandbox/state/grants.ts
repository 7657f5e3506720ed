export type Grants = ReturnType<typeof createGrants>;

/** What Slack itself holds: which user granted the app which scopes. */
export function createGrants({ changed }: { changed: () => void }) {
  const scopesByUser = new Map<string, Set<string>>();

  const of = (userId: string) => [...(scopesByUser.get(userId) ?? [])].sort();

  function add(userId: string, scopes: string[]): void {
    scopesByUser.set(userId, new Set([...of(userId), ...scopes]));
    changed();
  }

  /** Without scopes: all of them. */
  function remove(userId: string, scopes = of(userId)): void {
    const left = of(userId).filter((scope) => !scopes.includes(scope));
    if (left.length > 0) scopesByUser.set(userId, new Set(left));
    else scopesByUser.delete(userId);
    changed();
  }

  /** Users who granted anything, in the order of their ids, so that a cursor means the same in the next call. */
  function list(): { id: string; scopes: string[] }[] {
    return [...scopesByUser.keys()].sort().map((id) => ({ id, scopes: of(id) }));
  }

  function clear(): void {
    scopesByUser.clear();
    changed();
  }

  return { of, add, remove, list, clear };
}
