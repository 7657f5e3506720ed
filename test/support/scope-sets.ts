import catalog from './scopes.json';

/** One of 127 sets of scopes, each of which can be asked of the same user: Slack is not asked twice for the same. */
export function scopeSet(number: number): string {
  const chosen = catalog.filter((_, index) => ((number + 1) >> index) & 1);
  return chosen.map(({ scope }) => scope).join(',');
}
