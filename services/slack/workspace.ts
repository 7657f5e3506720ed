/** A workspace, and the organisation (Enterprise Grid) that a payload says it is in, if it says so. */
export interface Workspace {
  teamId: string;
  /** Undefined where nothing was said. What Slack said last is known to `services/oauth/enterprises.ts`. */
  enterpriseId: string | undefined;
}

/** Somebody in a workspace: the identity by which grants and tokens are stored. */
export interface Member extends Workspace {
  userId: string;
}

/** A key for maps in memory. The organisation is no part of it: a workspace may join one, or leave it. */
export function toMemberKey({ teamId, userId }: Pick<Member, 'teamId' | 'userId'>): string {
  return `${teamId} ${userId}`;
}

/** Ids of organisations begin with E. Slack sends one as `team_id` where the app is installed in a whole organisation. */
export function isEnterpriseId(id: string): boolean {
  return id.startsWith('E');
}
