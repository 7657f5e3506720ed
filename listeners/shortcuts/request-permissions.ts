import type { ListenerDependencies } from '../dependencies';
import { readGesture } from '../gesture';
import { openView } from '../open-form';
import type { ShortcutArgs } from '../router';

/** The global shortcut "Request permissions" opens the modal. */
export function createRequestPermissionsShortcut(dependencies: ListenerDependencies) {
  return async (args: ShortcutArgs): Promise<void> => {
    const { trigger, reply } = readGesture(dependencies, 'shortcut', args);
    await openView(dependencies, trigger, reply);
    await args.ack();
  };
}
