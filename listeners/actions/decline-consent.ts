import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ActionArgs } from '../router';
import { toTrigger } from '../trigger';
import { buttonValue } from './button-value';

/** "Not now" in the modal of the `oauth` backend: the modal then shows the outcome. */
export function createDeclineConsentAction(dependencies: ListenerDependencies) {
  const { consents } = dependencies;

  return async ({ action, body, context, ack }: ActionArgs): Promise<void> => {
    const trigger = toTrigger(body, 'block_action', context);
    const outcome = await consents?.decline(trigger, buttonValue(action) ?? '');
    await ack();
    if (outcome !== undefined) return;
    createReply(dependencies, { to: trigger }).send({
      text: 'This was answered already, so nothing was changed. `/permissions status` shows what you granted.',
    });
  };
}
