/** The list that is served: the same user at the same place, however often it is asked for. */
export const TEAM = 'T0BENCH';
export const PAGE_SIZE = 200;

const SCOPES = [
  ['reminders:write:user'],
  ['reminders:write:user', 'dnd:write:user'],
  ['users.profile:write:user'],
];

export function toUser(place: number): { id: string; scopes: readonly string[] } {
  const id = `U0${place.toString(36).toUpperCase().padStart(8, '0')}`;
  return { id, scopes: SCOPES[place % SCOPES.length] ?? [] };
}
