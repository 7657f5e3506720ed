/** Which waits come between tries: the first, doubled after each failure, until the longest. */
export interface Backoff {
  firstMs: number;
  longestMs: number;
}

/** How long to wait after so many failures in a row, from 1. */
export function toBackoffMs(failures: number, { firstMs, longestMs }: Backoff): number {
  return Math.min(longestMs, firstMs * 2 ** (failures - 1));
}
