import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** A signature for one purpose is not valid for another. */
export type SigningPurpose =
  | 'install state'
  | 'shown answer'
  | 'admin session'
  | 'chain stub'
  | 'chain head'
  | 'chain list';

export type Signer = ReturnType<typeof createSigner>;

/**
 * Signs by HMAC-SHA256. The key for each purpose is derived from the secret (HKDF, RFC 5869) once: every commit signs
 * heads of the log.
 */
export function createSigner(secret: string) {
  const keys = new Map<SigningPurpose, KeyObject>();
  function toKey(purpose: SigningPurpose): KeyObject {
    const key = keys.get(purpose) ?? createSecretKey(Buffer.from(deriveKey(secret, purpose, 32)));
    keys.set(purpose, key);
    return key;
  }
  const sign = (purpose: SigningPurpose, text: string): string =>
    createHmac('sha256', toKey(purpose)).update(text).digest('base64url');
  return {
    sign,
    isSigned(purpose: SigningPurpose, text: string, signature: string): boolean {
      const [ours, theirs] = [Buffer.from(sign(purpose, text)), Buffer.from(signature)];
      return ours.length === theirs.length && timingSafeEqual(ours, theirs);
    },
  };
}

/** Identifies a key without revealing it: 8 hex digits. */
export function toKeyId(secret: string): string {
  return Buffer.from(deriveKey(secret, 'key id', 4)).toString('hex');
}

function deriveKey(secret: string, purpose: string, bytes: number): ArrayBuffer {
  return hkdfSync('sha256', secret, '', `scopekeeper ${purpose}`, bytes);
}
