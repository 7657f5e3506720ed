import type { Recorder } from '../../services/answers/recorder';
import type { Workspaces } from '../../services/oauth/workspaces';
import type { Clock } from '../../services/runtime/clock';
import { isOrganisationId } from '../../services/slack/workspace';
import { readEvent, tokensRevokedEvent } from './payloads';

/** Tokens were revoked: on today's Slack, how a user takes back a grant. */
export function createTokensRevokedListener({
  recorder,
  workspaces,
  clock,
}: {
  recorder: Recorder;
  workspaces: Pick<Workspaces, 'findEnding' | 'withoutEarlierBots'>;
  clock: Clock;
}) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(tokensRevokedEvent, body, clock);
    const { installation, teamIds } = await workspaces.findEnding(received);
    await recorder.record({
      type: 'tokens_revoked',
      ...received,
      installation,
      // Whose token it was is said: not all that the installation served.
      teamIds: isOrganisationId(received.teamId) ? teamIds : [received.teamId],
      userIds: event.tokens.oauth ?? [],
      botUserIds: await workspaces.withoutEarlierBots(event.tokens.bot ?? []),
    });
  };
}
