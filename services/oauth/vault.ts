import type { Cipher } from '../runtime/secrets/cipher';
import type { SealedToken, TokenPlace } from './token-store';

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
    seal: (place: TokenPlace, { token, refreshToken, expiresAtMs }: Token): Token => ({
      token: cipher.seal(token, toName(place, 'access')),
      refreshToken:
        refreshToken === undefined ? undefined : cipher.seal(refreshToken, toName(place, 'refresh')),
      expiresAtMs,
    }),
    /** Throws a `SecretError` where the keys at hand cannot read it. */
    open: ({ place, token, refreshToken, expiresAtMs }: SealedToken): Token => ({
      token: cipher.open(token, toName(place, 'access')),
      refreshToken:
        refreshToken === undefined ? undefined : cipher.open(refreshToken, toName(place, 'refresh')),
      expiresAtMs,
    }),
  };
}

/** What is encrypted together with a token: it cannot be put into another row. */
function toName({ enterpriseId, teamId, userId }: TokenPlace, kind: 'access' | 'refresh'): string {
  return ['token', kind, enterpriseId, teamId, userId ?? ''].join(' ');
}
