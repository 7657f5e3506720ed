import type { ListenerDependencies } from '../dependencies';
import { createEventListener, teamAccessEvent } from './payloads';

/** An enterprise installation loses workspaces: https://docs.slack.dev/reference/events/team_access_revoked */
export function createTeamAccessRevokedListener(
  dependencies: Pick<ListenerDependencies, 'recorder' | 'workspaces' | 'enterprises' | 'clock'>,
) {
  const { recorder, workspaces } = dependencies;
  return createEventListener(teamAccessEvent, dependencies, async (received, event) => {
    const teamIds = await workspaces.excludeOwnInstallations(event.team_ids);
    if (teamIds.length > 0) await recorder.record({ type: 'team_access_revoked', ...received, teamIds });
  });
}

/** It gains workspaces: https://docs.slack.dev/reference/events/team_access_granted */
export function createTeamAccessGrantedListener(
  dependencies: Pick<ListenerDependencies, 'workspaces' | 'enterprises' | 'clock'>,
) {
  return createEventListener(teamAccessEvent, dependencies, async ({ enterpriseId }, event) => {
    if (enterpriseId !== undefined)
      await dependencies.workspaces.addToEnterprise(event.team_ids, enterpriseId);
  });
}
