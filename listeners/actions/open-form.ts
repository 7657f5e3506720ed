import type { ListenerDependencies } from '../dependencies';
import { readPress } from '../gesture';
import type { OpenForm } from '../open-form';
import type { ActionArgs } from '../router';

/** "Continue" where a form did not open: `open` is tried again with the fresh trigger of this press. */
export function createOpenFormAction(dependencies: ListenerDependencies, open: OpenForm) {
  return async (args: ActionArgs): Promise<void> => {
    const { trigger, reply } = readPress(dependencies, args);
    await open(dependencies, trigger, reply);
    await args.ack();
  };
}
