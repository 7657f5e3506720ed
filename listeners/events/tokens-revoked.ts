import type { Clock } from '../../services/clock';
import type { Recorder } from '../../services/grants/recorder';
import { readEvent, tokensRevokedEvent } from './payloads';

/** Tokens were revoked: on today's Slack, how a user takes back a grant. */
export function createTokensRevokedListener({ recorder, clock }: { recorder: Recorder; clock: Clock }) {
  return async ({ body }: { body: unknown }): Promise<void> => {
    const { received, event } = readEvent(tokensRevokedEvent, body, clock);
    const { oauth, bot } = event.tokens;
    await recorder.record({
      type: 'tokens_revoked',
      ...received,
      userIds: oauth ?? [],
      appToo: (bot ?? []).length > 0,
    });
  };
}
