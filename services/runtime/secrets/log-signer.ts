import { createSigner, type Signer, toKeyId } from './signer';

/** What of the grant log is signed. */
export type LogSigningPurpose = 'chain head' | 'chain stub' | 'chain list';

/**
 * - `current`, `older`: it is right, by the first key or by one after it
 * - `other_key`: it names a key that is not at hand
 * - `wrong`: it is none, or of something else
 */
export type SignatureCheck = 'current' | 'older' | 'other_key' | 'wrong';

/** Signs the grant log, so that whoever has the database alone cannot make another of it. */
export interface LogSigner {
  /** With the first key, which it names. */
  sign(purpose: LogSigningPurpose, text: string): string;
  check(purpose: LogSigningPurpose, text: string, signature: string | null): SignatureCheck;
}

/** The first key signs; those after it are only known again. */
export function createLogSigner(keys: readonly string[]): LogSigner {
  const signers = keys.map((key) => ({ id: toKeyId(key), signer: createSigner(key) }));
  const [current] = signers;
  if (current === undefined) throw new Error('There is no key to sign with.');
  return {
    sign: (purpose, text) => `${current.id}.${current.signer.sign(purpose, text)}`,
    check(purpose, text, signature) {
      if (signature === null) return 'wrong';
      // Signatures from before keys were named have no name in them.
      const place = signature.indexOf('.');
      const [id, own] = [signature.slice(0, Math.max(place, 0)), signature.slice(place + 1)];
      const named = place === -1 ? signers : signers.filter((each) => each.id === id);
      if (named.length === 0) return 'other_key';
      const right = named.find(({ signer }: { signer: Signer }) => signer.isSigned(purpose, text, own));
      if (right === undefined) return 'wrong';
      return right === current ? 'current' : 'older';
    },
  };
}

export function isRight(check: SignatureCheck): boolean {
  return check === 'current' || check === 'older';
}
