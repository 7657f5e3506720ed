import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ShortcutArgs } from '../router';
import { toTrigger } from '../trigger';
import { openView } from '../views/open';

/** The global shortcut "Request permissions" opens the modal. */
export function createRequestPermissionsShortcut(dependencies: ListenerDependencies) {
  return async ({ shortcut, context, ack }: ShortcutArgs): Promise<void> => {
    const trigger = toTrigger(shortcut, 'shortcut', context);
    await openView(dependencies, trigger, createReply(dependencies, { to: trigger }));
    await ack();
  };
}
