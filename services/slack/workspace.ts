/** A workspace, and the enterprise (Enterprise Grid) that a payload says it is in, if it says so. */
export interface Workspace {
  teamId: string;
  /** Undefined where the payload names none. `services/oauth/enterprises.ts` stores what Slack said last. */
  enterpriseId: string | undefined;
}

/** Somebody in a workspace: the identity by which grants and tokens are stored. */
export interface Member extends Workspace {
  userId: string;
}

/** A key for maps in memory, without the enterprise: a workspace may join one, or leave it. */
export function toMemberKey({ teamId, userId }: Pick<Member, 'teamId' | 'userId'>): string {
  return `${teamId} ${userId}`;
}

/** Slack sends an enterprise's id as `team_id` where the app is installed in the whole enterprise. */
export function isEnterpriseId(id: string): boolean {
  return id.startsWith('E');
}
