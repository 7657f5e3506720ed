import type { Cipher } from '../runtime/secrets/cipher';
import type { SealedToken, TokenPlace } from './token-store';

/** A token as Slack gave it. Never to be stored or logged. */
export interface Token {
  token: string;
  refreshToken: string | undefined;
  /** ms; undefined: it does not expire. */
  expiresAtMs: number | undefined;
}

type Sealed = Pick<SealedToken, 'token' | 'refreshToken' | 'expiresAtMs'>;

/** Between tokens as Slack gives them and as the database holds them. */
export interface Vault {
  seal(place: TokenPlace, token: Token): Sealed;
  /** Throws a `SecretError` where the keys at hand cannot read it. */
  open(sealed: SealedToken): Token;
}

export function createVault(cipher: Cipher): Vault {
  return {
    seal: (place, { token, refreshToken, expiresAtMs }) => ({
      token: cipher.seal(token, toName(place, 'access')),
      refreshToken:
        refreshToken === undefined ? undefined : cipher.seal(refreshToken, toName(place, 'refresh')),
      expiresAtMs,
    }),
    open: ({ place, token, refreshToken, expiresAtMs }) => ({
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
