import type { Cipher } from '../runtime/secrets/cipher';
import type { SealedToken, TokenKey } from './token-store';

/** A token as Slack gave it. Never to be stored or logged. */
export interface Token {
  token: string;
  refreshToken: string | undefined;
  /** ms; undefined: it does not expire. */
  expiresAtMs: number | undefined;
}

export type Vault = ReturnType<typeof createVault>;

/** Between tokens as Slack gives them and as the database holds them. */
export function createVault(cipher: Cipher) {
  return {
    seal: (key: TokenKey, { token, refreshToken, expiresAtMs }: Token): Token => ({
      token: cipher.seal(token, toAssociatedData(key, 'access')),
      refreshToken:
        refreshToken === undefined ? undefined : cipher.seal(refreshToken, toAssociatedData(key, 'refresh')),
      expiresAtMs,
    }),
    /** Throws a `SecretError` where the keys at hand cannot read it. */
    open: ({ key, token, refreshToken, expiresAtMs }: SealedToken): Token => ({
      token: cipher.open(token, toAssociatedData(key, 'access')),
      refreshToken:
        refreshToken === undefined ? undefined : cipher.open(refreshToken, toAssociatedData(key, 'refresh')),
      expiresAtMs,
    }),
  };
}

/** What is encrypted together with a token: it cannot be put into another row. */
function toAssociatedData({ enterpriseId, teamId, userId }: TokenKey, kind: 'access' | 'refresh'): string {
  return ['token', kind, enterpriseId, teamId, userId ?? ''].join(' ');
}
