import { isOrganisationId, type Workspace } from '../slack/workspace';

/** Names an installation: by the workspace that has the app, or by the organisation where `teamId` is empty. */
export function toInstallationKey({
  teamId,
  enterpriseId,
}: {
  teamId: string;
  enterpriseId: string;
}): string {
  return teamId === '' ? enterpriseId : teamId;
}

/**
 * Where the app's token for a workspace may be: what the workspace itself has installed comes first, then the organisation
 * that Slack said last it is in (`known`), then the one that this payload names.
 */
export function toInstallationKeys({ teamId, enterpriseId }: Workspace, known: string | undefined): string[] {
  return [...new Set([teamId, known, enterpriseId].flatMap((id) => id || []))];
}

/** What the keys name: workspaces, and organisations. */
export function splitInstallationKeys(keys: readonly string[]): {
  teamIds: string[];
  enterpriseIds: string[];
} {
  return {
    teamIds: keys.filter((key) => !isOrganisationId(key)),
    enterpriseIds: keys.filter(isOrganisationId),
  };
}
