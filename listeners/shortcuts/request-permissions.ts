import type { AllMiddlewareArgs, GlobalShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';
import { openView } from '../views/open';

/** The global shortcut "Request permissions" opens the modal. */
export function createRequestPermissionsShortcut(dependencies: ListenerDependencies) {
  return async ({
    shortcut,
    context,
    ack,
  }: SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs): Promise<void> => {
    await ack();
    const trigger = toTrigger(shortcut, 'shortcut', context);
    await openView(dependencies, trigger, createReply(dependencies, { to: trigger }));
  };
}
