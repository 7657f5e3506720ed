import type { Authorizations, Holder } from './authorizations';

export type Grants = ReturnType<typeof createGrants>;

interface Dependencies {
  authorizations: Authorizations;
  teamId: string;
  enterpriseId: string | undefined;
}

/** What Slack itself holds in a workspace: which user granted the app which scopes, however they were asked. */
export function createGrants({ authorizations, teamId, enterpriseId }: Dependencies) {
  const holder = (userId: string): Holder => ({ kind: 'user', teamId, enterpriseId, userId });

  /** What somebody granted for the whole organisation holds here, too. */
  const standing = () =>
    authorizations
      .standing()
      .filter(({ kind, ...each }) => kind === 'user' && [teamId, undefined].includes(each.teamId));

  const ownOf = (userId: string) =>
    [teamId, undefined].flatMap(
      (place) => authorizations.find({ kind: 'user', teamId: place, userId }) ?? [],
    );

  function of(userId: string): string[] {
    return [...new Set(ownOf(userId).flatMap(({ scopes }) => [...scopes]))].sort();
  }

  function add(userId: string, scopes: string[]): void {
    authorizations.grant(holder(userId), scopes);
  }

  /** Without scopes: all of them. A token that can do nothing is revoked. */
  function remove(userId: string, scopes = of(userId)): void {
    for (const authorization of ownOf(userId)) {
      for (const scope of scopes) authorization.scopes.delete(scope);
      if (authorization.scopes.size === 0) authorizations.revoke(authorization);
    }
  }

  /** Users who granted anything, in the order of their ids, so that a cursor means the same in the next call. */
  function list(): { id: string; scopes: string[] }[] {
    const ids = new Set(standing().map(({ userId }) => userId));
    return [...ids].sort().map((id) => ({ id, scopes: of(id) }));
  }

  return { of, add, remove, list };
}
