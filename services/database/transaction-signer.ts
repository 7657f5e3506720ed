import type { LogSigner } from '../runtime/secrets/log-signer';
import type { Queryable } from './schema';

const signers = new WeakMap<object, LogSigner>();

/** What is added to the grant log in this transaction is signed. */
export function signWith(transaction: Queryable, signer: LogSigner): void {
  signers.set(transaction, signer);
}

/** Undefined where the database was opened by somebody who has no key. */
export function findSigner(transaction: Queryable): LogSigner | undefined {
  return signers.get(transaction);
}
