import type { Trigger } from '../../services/slack/trigger';
import { permissionDialog } from '../blocks/forms';
import { ids } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { openForm } from '../open-form';
import type { Reply } from '../reply';

/** Opens the legacy dialog: https://docs.slack.dev/reference/methods/dialog.open */
export function openDialog(
  dependencies: ListenerDependencies,
  trigger: Trigger,
  reply: Reply,
): Promise<void> {
  const form = {
    method: 'dialog.open',
    argument: 'dialog',
    build: permissionDialog,
    action: ids.actions.openDialog,
  } as const;
  return openForm(dependencies, form, trigger, reply);
}
