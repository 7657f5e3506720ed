import { findLogPage } from '../../services/grants/log/page';
import { withAdminLink } from '../blocks/admin-link';
import { logMessage } from '../blocks/grant-log';
import { readPageValue } from '../blocks/log-page';
import { answerAdmin } from '../commands/admin-only';
import type { ListenerDependencies } from '../dependencies';
import { readPress } from '../gesture';
import type { ActionArgs } from '../router';

/** "Older" and "Newer" under `/permissions log`. Whoever presses is checked again, and sees only their own workspace. */
export function createLogPageAction(dependencies: ListenerDependencies) {
  const { adminLinks, grants } = dependencies;

  return async (args: ActionArgs): Promise<void> => {
    await args.ack();
    const { trigger, reply, value } = readPress(dependencies, args);
    const wanted = readPageValue(value);
    answerAdmin(dependencies, { member: trigger, reply, what: 'The grant log' }, async () => {
      const filter = { ...wanted?.filter, teamId: trigger.teamId };
      const page = await findLogPage(grants, filter, wanted?.place);
      reply.replace(withAdminLink(logMessage(page), await adminLinks.create(trigger)));
    });
  };
}
