import { type AllMiddlewareArgs, type AnyMiddlewareArgs, ReceiverMultipleAckError } from '@slack/bolt';

/**
 * The last listener: acknowledges whatever no listener did (a button that is only a link, an old message's button, a
 * closed modal), so that nothing hangs until Slack tells the user that the app did not respond.
 */
export async function acknowledgeTheRest(args: AnyMiddlewareArgs & AllMiddlewareArgs): Promise<void> {
  try {
    await args.next();
  } finally {
    // Bolt acknowledges events itself, and gives their listeners no `ack`.
    if ('ack' in args && args.ack !== undefined) await acknowledge(args.ack);
  }
}

async function acknowledge(ack: () => Promise<void>): Promise<void> {
  try {
    await ack();
  } catch (error) {
    if (!(error instanceof ReceiverMultipleAckError)) throw error;
  }
}
