import { createSigner, toKeyId } from './signer';

/** The signed parts of the grant log. */
export type LogSigningPurpose = 'chain head' | 'chain stub' | 'chain list';

/**
 * - `current`, `older`: valid, by the first key or by a later one
 * - `other_key`: by a key that is not configured
 * - `wrong`: invalid or missing
 */
export type SignatureCheck = 'current' | 'older' | 'other_key' | 'wrong';

export type LogSigner = ReturnType<typeof createLogSigner>;

/**
 * Signs the grant log: access to the database alone must not suffice to forge it. The first key signs; all of them
 * verify.
 */
export function createLogSigner(keys: readonly string[]) {
  const signers = keys.map((key) => ({ id: toKeyId(key), signer: createSigner(key) }));
  const [current] = signers;
  if (current === undefined) throw new Error('There is no key to sign with.');
  return {
    /** The signature begins with the key's id. */
    sign: (purpose: LogSigningPurpose, text: string): string =>
      `${current.id}.${current.signer.sign(purpose, text)}`,
    check(purpose: LogSigningPurpose, text: string, signature: string | null): SignatureCheck {
      if (signature === null) return 'wrong';
      // Signatures of older versions have no key id.
      const dot = signature.indexOf('.');
      const [id, own] = [signature.slice(0, Math.max(dot, 0)), signature.slice(dot + 1)];
      const named = dot === -1 ? signers : signers.filter((each) => each.id === id);
      if (named.length === 0) return 'other_key';
      const right = named.find(({ signer }) => signer.isSigned(purpose, text, own));
      if (right === undefined) return 'wrong';
      return right === current ? 'current' : 'older';
    },
  };
}

export function isValidSignature(check: SignatureCheck): boolean {
  return check === 'current' || check === 'older';
}
