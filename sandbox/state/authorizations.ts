import type { Ids } from './ids';

/** Under token rotation. */
export const TOKEN_TTL_S = 12 * 60 * 60;

/**
 * What the app may do for somebody somewhere: for a user what they granted, for the bot what it was installed with.
 * Slack may hold it without a token that the app ever saw; with rotation it has several.
 */
export interface Authorization {
  kind: 'bot' | 'user';
  /** Undefined: the whole organisation. */
  teamId: string | undefined;
  enterpriseId: string | undefined;
  userId: string;
  scopes: Set<string>;
  isRevoked: boolean;
  /** Revoked because the app is no longer installed. */
  isUninstalled: boolean;
}

export interface Token {
  value: string;
  authorization: Authorization;
  /** Ms; undefined: it does not expire. */
  expiresAt: number | undefined;
  /** Good for one exchange. */
  refreshToken: string | undefined;
  /** Of a pair each half is revoked on its own. */
  isRevoked: boolean;
  isRefreshRevoked: boolean;
}

/** Whose authorization it is. */
export type Holder = Pick<Authorization, 'kind' | 'teamId' | 'enterpriseId' | 'userId'>;

export type Authorizations = ReturnType<typeof createAuthorizations>;

interface Dependencies {
  now: () => number;
  ids: Ids;
  isRotating: boolean;
  changed: () => void;
}

/** Every token that Slack has issued to the app, and what stands behind it. */
export function createAuthorizations({ now, ids, isRotating, changed }: Dependencies) {
  /** What stands, by whose it is: there may be a million. */
  const standing = new Map<string, Authorization>();
  const tokens: Token[] = [];
  const reserved = new Map<string | undefined, string>();

  const toKey = ({ kind, teamId, userId }: Omit<Holder, 'enterpriseId'>) => [kind, teamId, userId].join(' ');

  function find(holder: Omit<Holder, 'enterpriseId'>): Authorization | undefined {
    return standing.get(toKey(holder));
  }

  /** Scopes add up, over as many consents as there are. */
  function grant(holder: Holder, scopes: string[]): Authorization {
    let authorization = find(holder);
    if (!authorization) {
      const { kind, teamId, enterpriseId, userId } = holder;
      const fresh = { kind, teamId, enterpriseId, userId, isRevoked: false, isUninstalled: false };
      authorization = { ...fresh, scopes: new Set() };
      standing.set(toKey(holder), authorization);
    }
    for (const scope of scopes) authorization.scopes.add(scope);
    changed();
    return authorization;
  }

  function add(authorization: Authorization, value: string): Token {
    const token: Token = {
      value,
      authorization,
      expiresAt: undefined,
      refreshToken: undefined,
      isRevoked: false,
      isRefreshRevoked: false,
    };
    tokens.push(token);
    return token;
  }

  /** Without rotation Slack answers with the same token each time. */
  function issue(authorization: Authorization): Token {
    const { kind, teamId } = authorization;
    const prefix = kind === 'bot' ? 'xoxb' : 'xoxp';
    if (isRotating) {
      const token = add(authorization, `xoxe.${prefix}-1-${ids.secret()}`);
      token.expiresAt = now() + TOKEN_TTL_S * 1000;
      token.refreshToken = `xoxe-1-${ids.secret()}`;
      return token;
    }
    const existing = tokens.find((token) => token.authorization === authorization);
    if (existing) return existing;
    const chosen = kind === 'bot' ? reserved.get(teamId) : undefined;
    if (chosen !== undefined) reserved.delete(teamId);
    return add(authorization, chosen ?? `${prefix}-${ids.secret()}`);
  }

  /** A new token; the old one stays good until it expires, its refresh token does not. */
  function refresh(refreshToken: string): Token | undefined {
    const old = tokens.find((token) => token.refreshToken === refreshToken);
    if (!old || old.authorization.isRevoked || old.isRefreshRevoked) return undefined;
    old.refreshToken = undefined;
    return issue(old.authorization);
  }

  /**
   * Under rotation `auth.revoke` takes one half of what was issued: the tokens, or the refresh tokens. The scopes stand until
   * both are gone.
   */
  function revokeHalf(token: Token, value: string): void {
    const { authorization } = token;
    const half = value === token.refreshToken ? 'isRefreshRevoked' : 'isRevoked';
    const issued = tokens.filter((each) => each.authorization === authorization);
    for (const each of issued) each[half] = true;
    const isLive = (each: Token) =>
      !each.isRevoked || (each.refreshToken !== undefined && !each.isRefreshRevoked);
    if (!issued.some(isLive)) revoke(authorization);
    changed();
  }

  function revoke(authorization: Authorization, { isUninstalled = false } = {}): void {
    authorization.isRevoked = true;
    if (find(authorization) === authorization) standing.delete(toKey(authorization));
    authorization.isUninstalled = isUninstalled;
    changed();
  }

  return {
    find,
    grant,
    add,
    issue,
    refresh,
    /** What the first bot token of a workspace is to be. */
    reserve: (teamId: string, value: string) => reserved.set(teamId, value),
    revoke,
    revokeHalf,
    tokens: () => tokens,
    findToken: (value: string) => tokens.find((token) => token.value === value),
    findByRefreshToken: (value: string) => tokens.find((token) => token.refreshToken === value),
    /** What stands now. */
    standing: () => [...standing.values()],
  };
}
