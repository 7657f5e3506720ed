const DAY_MS = 24 * 60 * 60_000;

/** A day as the parameters of a log view. */
export function toDayRange(day: string): { since: string; until: string } {
  return { since: day, until: new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10) };
}
