import { type Expression, sql } from 'kysely';

/** `isOver` of `services/runtime/clock.ts`, of a column. */
export function isOver(column: string, nowMs: number, longestMs: number): Expression<boolean> {
  const until = sql.ref(column);
  return sql<boolean>`(${until} <= ${nowMs} or ${until} > ${nowMs + longestMs})`.$castTo<boolean>();
}
