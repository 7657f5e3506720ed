/** A workspace, and the organisation (Enterprise Grid) that it is in, if it is in one. */
export interface Workspace {
  teamId: string;
  enterpriseId: string | undefined;
}

/** Somebody in a workspace. */
export interface Member extends Workspace {
  userId: string;
}
