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
  /** What is encrypted together with a token: it cannot be put into another row. */
  function convert(
    { enterpriseId, teamId, userId = '' }: TokenKey,
    { token, refreshToken, expiresAtMs }: Token,
    by: Cipher['seal'],
  ): Token {
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
