/** What can stop Scopekeeper. Test with `instanceof` and `code`, never by message. */
export type ErrorCode =
  | 'config_invalid'
  | 'database_unusable'
  | 'database_away'
  | 'database_too_new'
  | 'copy_failed'
  | 'secret_unreadable'
  | 'payload_malformed';

/** Base of every error that Scopekeeper throws on purpose. The message says what to do next. */
export class ScopekeeperError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The environment or the scope catalog is invalid. Holds every fault, so that one start shows all of them. */
export class ConfigError extends ScopekeeperError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      'config_invalid',
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

/** The database cannot be opened, or must not be changed. */
export class DatabaseError extends ScopekeeperError {}

/** A copy was refused, stopped, or found to differ from its source. */
export class CopyError extends ScopekeeperError {
  constructor(message: string, options?: ErrorOptions) {
    super('copy_failed', message, options);
  }
}

/** A secret cannot be decrypted with the configured keys. */
export class SecretError extends ScopekeeperError {
  constructor(message: string, options?: ErrorOptions) {
    super('secret_unreadable', message, options);
  }
}

/** A signed payload cannot be read. Sending it again cannot help. */
export class PayloadError extends ScopekeeperError {
  constructor(message: string) {
    super('payload_malformed', message);
  }
}

/** The message of anything that was thrown, including native errors that are not `Error`s. */
export function toErrorMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  // Where none of a host's addresses answers, Node's error has a code and an empty message.
  if ('message' in error && error.message !== '') return String(error.message);
  return 'code' in error ? String(error.code) : String(error);
}
