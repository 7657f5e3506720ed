import { createHash } from 'node:crypto';

/** A key of AES-256; every text that it encrypts begins with its id. */
export interface EncryptionKey {
  id: string;
  bytes: Buffer;
  /** As configured; must never be shown. */
  text: string;
}

const KEY_BYTES = 32;

/** Parses keys with commas between them, each 32 bytes in base64 or hex. Undefined where one is invalid. */
export function readEncryptionKeys(text: string): readonly EncryptionKey[] | undefined {
  const keys = text.split(',').map((part) => readKey(part.trim()));
  const whole = keys.filter((key) => key !== undefined);
  return whole.length === keys.length ? whole : undefined;
}

function readKey(text: string): EncryptionKey | undefined {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  if (!isHex && !/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64');
  if (bytes.length !== KEY_BYTES) return undefined;
  return {
    id: createHash('sha256').update('scopekeeper key id').update(bytes).digest('hex').slice(0, 8),
    bytes,
    text,
  };
}
