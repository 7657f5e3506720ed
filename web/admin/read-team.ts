/** The teams of a page: the one that the address names, if the admin may see it, or else all that they may see. */
export function chooseTeams(query: URLSearchParams, teamIds: readonly string[]): readonly string[] {
  const asked = query.get('team') ?? '';
  if (asked === '') return teamIds;
  return teamIds.filter((teamId) => teamId === asked);
}
