import { keptMessage, revokeMessage } from '../blocks/revoke';
import type { ListenerDependencies } from '../dependencies';
import { readPress } from '../gesture';
import type { ActionArgs } from '../router';

/** "Take it back" under `/permissions revoke`. Slack is asked in the background: it may take longer than a press can wait. */
export function createRevokeAction(dependencies: ListenerDependencies) {
  return async (args: ActionArgs): Promise<void> => {
    await args.ack();
    const { trigger, reply } = readPress(dependencies, args);
    reply.after('revoke', async () =>
      reply.replace(revokeMessage(await dependencies.revocation.revoke(trigger))),
    );
  };
}

/** "Keep it": the question goes away. */
export function createKeepAction(dependencies: ListenerDependencies) {
  return async (args: ActionArgs): Promise<void> => {
    await args.ack();
    readPress(dependencies, args).reply.dismiss(keptMessage);
  };
}
