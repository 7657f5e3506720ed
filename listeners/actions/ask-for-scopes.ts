import { ask } from '../ask';
import { selectedScopes } from '../blocks/scope-input';
import type { ListenerDependencies } from '../dependencies';
import { readPress } from '../gesture';
import type { ActionArgs } from '../router';

/** The button under the multi-select of `/permissions` and of the home, where the state is the view's. */
export function createAskForScopesAction(dependencies: ListenerDependencies) {
  return async (args: ActionArgs): Promise<void> => {
    const { trigger, reply } = readPress(dependencies, args);
    const scopes = selectedScopes(args.body.state ?? args.body.view?.state);
    await ask(dependencies, { trigger, what: { scopes }, reply });
    await args.ack();
  };
}
