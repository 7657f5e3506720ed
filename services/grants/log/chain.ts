import { toSha256 } from '../../runtime/secrets/sha256';
import { COVERED_COLUMNS } from './entry';

/** The head of a team's chain before its first entry. */
export const CHAIN_START = { teamSeq: 0, hash: '' } as const;

const COVERED = Object.keys(COVERED_COLUMNS);

/**
 * SHA-256, in hex, over an entry, its number within its team, and the hash of the entry before it. Whoever changes,
 * removes, adds or swaps entries breaks the chain from there on. Must never change: `verify` recomputes it.
 */
export function toEntryHash(
  previous: string,
  teamSeq: number,
  content: Readonly<Record<string, unknown>>,
): string {
  return toSha256(JSON.stringify([previous, teamSeq, ...COVERED.map((column) => content[column])]));
}

/** The words under which an entry is found: letters and digits, lower case. */
export function toSearchWords(...texts: (string | null)[]): string[] {
  const words = texts.flatMap((text) => text?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  return [...new Set(words.map((word) => word.slice(0, MAX_WORD_LENGTH)))];
}

const MAX_WORD_LENGTH = 40;
