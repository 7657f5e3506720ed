import type { Recorder } from '../../services/grants/recorder';
import { readEvent, tokensRevokedEvent } from './payloads';

/** Tokens were revoked: on today's Slack, how a user takes back a grant. */
export function createTokensRevokedListener({ recorder }: { recorder: Recorder }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { eventId, teamId, event } = readEvent(tokensRevokedEvent, body);
    const { oauth, bot } = event.tokens;
    await recorder.recordTokensRevoked({
      eventId,
      teamId,
      userIds: oauth ?? [],
      appToo: (bot ?? []).length > 0,
    });
  };
}
