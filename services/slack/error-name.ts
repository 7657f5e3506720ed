/**
 * A name of an error that came from outside. What does not look like one is not passed on: it may be as long as an address,
 * and is logged, stored and shown.
 */
export function toErrorName(text: string | undefined, otherwise: string): string {
  return text !== undefined && /^[a-z_]{1,64}$/.test(text) ? text : otherwise;
}
