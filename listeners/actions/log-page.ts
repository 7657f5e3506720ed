import { findLogPage } from '../../services/grants/log/page';
import { withAdminLink } from '../blocks/admin-link';
import { logMessage } from '../blocks/grant-log';
import { readPageValue } from '../blocks/log-page';
import { answerAdmin } from '../commands/admin-only';
import type { ListenerDependencies } from '../dependencies';
import { createReply } from '../reply';
import type { ActionArgs } from '../router';
import { toTrigger } from '../trigger';
import { buttonValue } from './button-value';

/** "Older" and "Newer" under `/permissions log`. Whoever presses is checked anew, and sees their own workspace only. */
export function createLogPageAction(dependencies: ListenerDependencies) {
  const { adminLinks, grants } = dependencies;

  return async ({ action, body, context, ack }: ActionArgs): Promise<void> => {
    await ack();
    const trigger = toTrigger(body, 'block_action', context);
    const reply = createReply(dependencies, { responseUrl: body.response_url, to: trigger });
    const wanted = readPageValue(buttonValue(action));
    answerAdmin(dependencies, { member: trigger, reply, what: 'The grant log' }, async () => {
      const filter = { ...wanted?.filter, teamId: trigger.teamId };
      const page = await findLogPage(grants, filter, wanted?.place);
      reply.replace(withAdminLink(logMessage(page), await adminLinks.create(trigger)));
    });
  };
}
