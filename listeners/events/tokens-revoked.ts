import { isEnterpriseId } from '../../services/slack/workspace';
import type { ListenerDependencies } from '../dependencies';
import { createEventListener, tokensRevokedEvent } from './payloads';

/** Tokens were revoked: on today's Slack, how a user takes back a grant. */
export function createTokensRevokedListener(
  dependencies: Pick<ListenerDependencies, 'recorder' | 'workspaces' | 'enterprises' | 'clock'>,
) {
  const { recorder, workspaces } = dependencies;
  return createEventListener(tokensRevokedEvent, dependencies, async (received, event) => {
    const { installation, teamIds } = await workspaces.findEndedInstallation(received);
    await recorder.record({
      type: 'tokens_revoked',
      ...received,
      installation,
      // The event names the workspace: not every workspace of the installation is affected.
      teamIds: isEnterpriseId(received.teamId) ? teamIds : [received.teamId],
      userIds: event.tokens.oauth ?? [],
      botUserIds: await workspaces.excludeFormerBots(event.tokens.bot ?? []),
    });
  });
}
