import { keptMessage, revokeMessage } from '../blocks/revoke';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ActionArgs } from '../router';
import { toTrigger } from '../trigger';

/** "Take it back" under `/permissions revoke`. Slack is asked in the background: it may take longer than a press can wait. */
export function createRevokeAction(dependencies: ListenerDependencies) {
  const { revocation } = dependencies;

  return async ({ body, context, ack }: ActionArgs): Promise<void> => {
    await ack();
    const trigger = toTrigger(body, 'block_action', context);
    const reply = createReply(dependencies, { responseUrl: body.response_url, to: trigger });
    reply.after('revoke', async () => reply.replace(revokeMessage(await revocation.revoke(trigger))));
  };
}

/** "Keep it": the question goes away. */
export function createKeepAction(dependencies: ListenerDependencies) {
  return async ({ body, context, ack }: ActionArgs): Promise<void> => {
    await ack();
    const trigger = toTrigger(body, 'block_action', context);
    createReply(dependencies, { responseUrl: body.response_url, to: trigger }).dismiss(keptMessage);
  };
}
