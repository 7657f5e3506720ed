import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** What is signed for one purpose is not good for another. */
export type SigningPurpose = 'admin session' | 'chain stub';

/** Signs what the app will want to know as its own again, by HMAC-SHA256. */
export interface Signer {
  /** In base64url. */
  sign(purpose: SigningPurpose, text: string): string;
  isSigned(purpose: SigningPurpose, text: string, signature: string): boolean;
}

/** A key for each purpose is derived from the secret (HKDF, RFC 5869). */
export function createSigner(secret: string): Signer {
  const toKey = (purpose: SigningPurpose) =>
    Buffer.from(hkdfSync('sha256', secret, '', `scopekeeper ${purpose}`, 32));
  const sign: Signer['sign'] = (purpose, text) =>
    createHmac('sha256', toKey(purpose)).update(text).digest('base64url');
  return {
    sign,
    isSigned(purpose, text, signature) {
      const [ours, theirs] = [Buffer.from(sign(purpose, text)), Buffer.from(signature)];
      return ours.length === theirs.length && timingSafeEqual(ours, theirs);
    },
  };
}
