import { ask } from '../ask';
import { selectedScopes } from '../blocks/scope-input';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ActionArgs } from '../router';
import { toTrigger } from '../trigger';

/** The button under the multi-select of `/permissions` and of the home, where the state is the view's. */
export function createAskForScopesAction(dependencies: ListenerDependencies) {
  return async ({ body, context, ack }: ActionArgs): Promise<void> => {
    const trigger = toTrigger(body, 'block_action', context);
    const reply = createReply(dependencies, { responseUrl: body.response_url, to: trigger });
    await ask(dependencies, {
      trigger,
      what: { scopes: selectedScopes(body.state ?? body.view?.state) },
      reply,
    });
    await ack();
  };
}
