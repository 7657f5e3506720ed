/** A workspace, and the organisation (Enterprise Grid) that it is in, if it is in one. */
export interface Workspace {
  teamId: string;
  enterpriseId: string | undefined;
}

/** Somebody in a workspace. */
export interface Member extends Workspace {
  userId: string;
}

/** Names somebody in what is kept in memory. */
export function toMemberKey({ teamId, userId }: Pick<Member, 'teamId' | 'userId'>): string {
  return `${teamId} ${userId}`;
}

export function fromMemberKey(key: string): Pick<Member, 'teamId' | 'userId'> {
  const [teamId = '', userId = ''] = key.split(' ');
  return { teamId, userId };
}
