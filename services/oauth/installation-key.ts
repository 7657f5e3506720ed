import { isEnterpriseId } from '../slack/workspace';

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

/** What the keys name: workspaces, and organisations. */
export function splitInstallationKeys(keys: readonly string[]): {
  teamIds: string[];
  enterpriseIds: string[];
} {
  return {
    teamIds: keys.filter((key) => !isEnterpriseId(key)),
    enterpriseIds: keys.filter(isEnterpriseId),
  };
}
