import type { GrantLogRow } from '../../database/schema';
import { toSha256 } from '../../runtime/secrets/sha256';
import { COVERED_COLUMNS } from './columns';

/** Before the first entry of a team there is this. */
export const CHAIN_START = '';

/** What the hash of an entry covers, as it stands in the database. */
export type ChainedContent = Pick<GrantLogRow, keyof typeof COVERED_COLUMNS>;

const COVERED = Object.keys(COVERED_COLUMNS);

/**
 * SHA-256, in hex, over an entry, its place among the entries of its team, and the hash of the one before it. Whoever
 * changes, removes, adds or swaps entries breaks the chain from there on. Never to be changed: it is recomputed by `verify`.
 */
export function toEntryHash(previous: string, teamSeq: number, content: ChainedContent): string {
  const values: Readonly<Record<string, string | null>> = content;
  return toSha256(JSON.stringify([previous, teamSeq, ...COVERED.map((column) => values[column])]));
}

/** Words of a text, by which entries are found: letters and digits, lower case. */
export function toWords(...texts: (string | null)[]): string[] {
  const words = texts.flatMap((text) => text?.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  return [...new Set(words.map((word) => word.slice(0, WORD_LIMIT)))];
}

const WORD_LIMIT = 40;
