import type { ListenerDependencies } from '../dependencies';
import { readPress } from '../gesture';
import type { ActionArgs } from '../router';

/** "Not now" in the modal of the `oauth` backend: the modal then shows the outcome. */
export function createDeclineConsentAction(dependencies: ListenerDependencies) {
  return async (args: ActionArgs): Promise<void> => {
    const { trigger, reply, value = '' } = readPress(dependencies, args);
    const outcome = await dependencies.consents?.decline(trigger, value);
    await args.ack();
    if (outcome !== undefined) return;
    reply.send({
      text: 'This was answered already, so nothing was changed. `/permissions status` shows what you granted.',
    });
  };
}
