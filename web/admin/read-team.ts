/** The teams that a page is of: the one that the address names, if it may be seen, or all that may. */
export function chooseTeams(query: URLSearchParams, teamIds: readonly string[]): readonly string[] {
  const asked = query.get('team') ?? '';
  if (asked === '') return teamIds;
  return teamIds.filter((teamId) => teamId === asked);
}
