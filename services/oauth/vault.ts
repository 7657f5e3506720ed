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

/** Encrypts tokens for the database, and decrypts them. */
export function createVault(cipher: Cipher) {
  function convert(
    { enterpriseId, teamId, userId = '' }: TokenKey,
    { token, refreshToken, expiresAtMs }: Token,
    by: Cipher['seal'],
  ): Token {
    // Bound to its row: a token that is moved to another one cannot be decrypted.
    const toAssociatedData = (kind: string) => ['token', kind, enterpriseId, teamId, userId].join(' ');
    return {
      token: by(token, toAssociatedData('access')),
      refreshToken: refreshToken && by(refreshToken, toAssociatedData('refresh')),
      expiresAtMs,
    };
  }

  return {
    seal: (key: TokenKey, token: Token): Token => convert(key, token, cipher.seal),
    /** Throws a `SecretError` where the keys at hand cannot read it. */
    open: (sealed: SealedToken): Token => convert(sealed.key, sealed, cipher.open),
  };
}
