import type { AllMiddlewareArgs, AnyMiddlewareArgs } from '@slack/bolt';

/** Events of the app's own doing that a listener wants to hear, as in Bolt's `ignoreSelf`. */
const HEARD = new Set(['member_joined_channel', 'member_left_channel']);

/**
 * Keeps events of the app's own doing from listeners that were added to the app: one that answers messages would answer its
 * own answer. Bolt's `ignoreSelf` would stand before our router, on the way of every trigger.
 */
export async function ignoreSelf(args: AnyMiddlewareArgs & AllMiddlewareArgs): Promise<void> {
  const { context, next } = args;
  const isOwn =
    'event' in args &&
    'user' in args.event &&
    context.botUserId !== undefined &&
    args.event.user === context.botUserId &&
    !HEARD.has(args.event.type);
  if (!isOwn) await next();
}
