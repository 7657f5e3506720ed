/** A workspace, and the organisation (Enterprise Grid) that a payload says it is in, if it says so. */
export interface Workspace {
  teamId: string;
  /** Undefined where nothing was said. What Slack said last is known to `services/oauth/organisations.ts`. */
  enterpriseId: string | undefined;
}

/** Somebody in a workspace: with `toMemberKey` the one identity, by which grants and tokens are kept. */
export interface Member extends Workspace {
  userId: string;
}

/** Names somebody in what is kept in memory. The organisation is no part of it: a workspace may join one, or leave it. */
export function toMemberKey({ teamId, userId }: Pick<Member, 'teamId' | 'userId'>): string {
  return `${teamId} ${userId}`;
}

export function fromMemberKey(key: string): Pick<Member, 'teamId' | 'userId'> {
  const [teamId = '', userId = ''] = key.split(' ');
  return { teamId, userId };
}

/** Organisations have ids beginning with E; what Slack says of an app in a whole organisation bears one in the place of a workspace's. */
export function isOrganisationId(id: string): boolean {
  return id.startsWith('E');
}
