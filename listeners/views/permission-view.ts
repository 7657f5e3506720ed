import { ask } from '../ask';
import { ids, MAX_REASON_LENGTH } from '../blocks/ids';
import { selectedScopes } from '../blocks/scope-input';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ViewArgs } from '../router';
import { toTrigger } from '../trigger';

/** The modal was submitted: Slack's own prompt comes up in its place, or over OAuth it turns into the question. */
export function createPermissionViewListener(dependencies: ListenerDependencies) {
  return async ({ body, view, context, ack }: ViewArgs): Promise<void> => {
    const scopes = selectedScopes(view.state);
    if (scopes.length === 0) {
      const errors = { [ids.blocks.scopes]: 'Choose at least one permission.' };
      return ack({ response_action: 'errors', errors });
    }
    const trigger = { ...toTrigger(body, 'view_submission', context), viewId: view.id };
    const reason = view.state.values[ids.blocks.reason]?.[ids.inputs.reason]?.value?.slice(
      0,
      MAX_REASON_LENGTH,
    );
    // A modal gives no `response_url`: the answer comes as a direct message.
    const reply = createReply(dependencies, { to: trigger });
    const outcome = await ask(dependencies, { trigger, what: { scopes, reason }, reply });
    if (outcome.kind === 'shown' && outcome.view)
      await ack({ response_action: 'update', view: outcome.view });
    else await ack();
  };
}
