import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What is signed for one purpose is not good for another. */
export type SigningPurpose =
  | 'install state'
  | 'shown answer'
  | 'admin session'
  | 'chain stub'
  | 'chain head'
  | 'chain list';

/** Signs what the app will want to know as its own again, by HMAC-SHA256. */
export interface Signer {
  /** In base64url. */
  sign(purpose: SigningPurpose, text: string): string;
  isSigned(purpose: SigningPurpose, text: string, signature: string): boolean;
}

/** A key for each purpose is derived from the secret (HKDF, RFC 5869), once: heads of the log are signed at each commit. */
export function createSigner(secret: string): Signer {
  const keys = new Map<SigningPurpose, KeyObject>();
  function toKey(purpose: SigningPurpose): KeyObject {
    const key = keys.get(purpose) ?? createSecretKey(Buffer.from(derive(secret, purpose, 32)));
    keys.set(purpose, key);
    return key;
  }
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

/** What tells which key it was, and nothing else of it: 8 hex digits. */
export function toKeyId(secret: string): string {
  return Buffer.from(derive(secret, 'key id', 4)).toString('hex');
}

function derive(secret: string, purpose: string, bytes: number): ArrayBuffer {
  return hkdfSync('sha256', secret, '', `scopekeeper ${purpose}`, bytes);
}
