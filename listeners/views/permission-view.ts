import { ask } from '../ask';
import { ids, MAX_REASON_LENGTH } from '../blocks/ids';
import { selectedScopes } from '../blocks/scope-input';
import type { ListenerDependencies } from '../dependencies';
import { readGesture } from '../gesture';
import type { ViewArgs } from '../router';

/** The modal was submitted: Slack's own prompt comes up in its place, or over OAuth it turns into the question. */
export function createPermissionViewListener(dependencies: ListenerDependencies) {
  return async ({ body, view, context, ack }: ViewArgs): Promise<void> => {
    const scopes = selectedScopes(view.state);
    if (scopes.length === 0) {
      const errors = { [ids.blocks.scopes]: 'Choose at least one permission.' };
      return ack({ response_action: 'errors', errors });
    }
    const { trigger, reply } = readGesture(dependencies, 'view_submission', { body, context });
    const typed = view.state.values[ids.blocks.reason]?.[ids.inputs.reason]?.value;
    const outcome = await ask(dependencies, {
      trigger: { ...trigger, viewId: view.id },
      what: { scopes, reason: typed?.slice(0, MAX_REASON_LENGTH) },
      reply,
    });
    if (outcome.kind === 'shown' && outcome.view)
      await ack({ response_action: 'update', view: outcome.view });
    else await ack();
  };
}
