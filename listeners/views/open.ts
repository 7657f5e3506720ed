import type { Trigger } from '../../services/slack/trigger';
import { permissionView } from '../blocks/forms';
import { ids } from '../blocks/ids';
import type { ListenerDependencies } from '../dependencies';
import { openForm } from '../open-form';
import type { Reply } from '../reply';

/** Opens the modal: https://docs.slack.dev/reference/methods/views.open */
export function openView(dependencies: ListenerDependencies, trigger: Trigger, reply: Reply): Promise<void> {
  const form = {
    method: 'views.open',
    argument: 'view',
    build: permissionView,
    action: ids.actions.openView,
  } as const;
  return openForm(dependencies, form, trigger, reply);
}
