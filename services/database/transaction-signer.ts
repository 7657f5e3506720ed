import type { LogSigner } from '../runtime/secrets/log-signer';
import type { Queryable } from './schema';

const signers = new WeakMap<object, LogSigner>();

/** Entries that this transaction adds to the grant log are signed. */
export function signWith(transaction: Queryable, signer: LogSigner): void {
  signers.set(transaction, signer);
}

/** Undefined where the database was opened without a key. */
export function findSigner(transaction: Queryable): LogSigner | undefined {
  return signers.get(transaction);
}
