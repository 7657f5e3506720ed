import type { Workspace } from '../workspace';

const ORGANISATION = 'organisation ';

/** Names what a workspace, or an organisation, has installed. */
export function toInstallationKey({
  teamId,
  enterpriseId,
}: {
  teamId: string;
  enterpriseId: string;
}): string {
  return teamId === '' ? `${ORGANISATION}${enterpriseId}` : teamId;
}

/** Where the app's token for a workspace may be: what the workspace itself has installed comes first. */
export function toInstallationKeys({ teamId, enterpriseId }: Workspace): string[] {
  const places = [
    ...(teamId === '' ? [] : [{ teamId, enterpriseId: '' }]),
    ...(enterpriseId ? [{ teamId: '', enterpriseId }] : []),
  ];
  return places.map(toInstallationKey);
}

/** What the keys name: workspaces, and organisations. */
export function splitInstallationKeys(keys: readonly string[]): {
  teamIds: string[];
  enterpriseIds: string[];
} {
  const organisations = keys.filter((key) => key.startsWith(ORGANISATION));
  return {
    teamIds: keys.filter((key) => !key.startsWith(ORGANISATION)),
    enterpriseIds: organisations.map((key) => key.slice(ORGANISATION.length)),
  };
}
