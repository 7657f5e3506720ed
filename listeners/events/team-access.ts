import type { Recorder } from '../../services/answers/recorder';
import type { Workspaces } from '../../services/oauth/workspaces';
import type { Clock } from '../../services/runtime/clock';
import { readEvent, teamAccessEvent } from './payloads';

/** An organisation's installation reaches workspaces no more: https://docs.slack.dev/reference/events/team_access_revoked */
export function createTeamAccessRevokedListener({
  recorder,
  workspaces,
  clock,
}: {
  recorder: Recorder;
  workspaces: Pick<Workspaces, 'withoutOwn'>;
  clock: Clock;
}) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(teamAccessEvent, body, clock);
    const teamIds = await workspaces.withoutOwn(event.team_ids);
    if (teamIds.length > 0) await recorder.record({ type: 'team_access_revoked', ...received, teamIds });
  };
}

/** It reaches more of them: https://docs.slack.dev/reference/events/team_access_granted */
export function createTeamAccessGrantedListener({
  workspaces,
  clock,
}: {
  workspaces: Pick<Workspaces, 'join'>;
  clock: Clock;
}) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(teamAccessEvent, body, clock);
    if (received.enterpriseId !== undefined) await workspaces.join(event.team_ids, received.enterpriseId);
  };
}
