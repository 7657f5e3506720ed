import { toTimeRange } from '../../services/grants/log/day-range';
import { findLogPage } from '../../services/grants/log/page';
import type { Member } from '../../services/slack/workspace';
import { withAdminLink } from '../blocks/admin-link';
import { logMessage } from '../blocks/grant-log';
import { logHelpMessage } from '../blocks/log-help';
import type { ListenerDependencies } from '../dependencies';
import type { Reply } from '../reply';
import { answerAdmin } from './admin-only';
import { toLogQuery } from './log-query';

/** `/permissions log …`: the newest entries that the words ask for. */
export function answerLog(
  dependencies: Pick<
    ListenerDependencies,
    'admins' | 'adminLinks' | 'accessLog' | 'catalog' | 'grants' | 'clock'
  >,
  { member, reply, words }: { member: Member; reply: Reply; words: readonly string[] },
): void {
  const { admins, adminLinks, catalog, grants, clock } = dependencies;
  answerAdmin(dependencies, { member, reply, what: 'The grant log' }, async (admin) => {
    const { filter, span, ...faults } = toLogQuery(words, (word) => catalog.find(word)?.scope);
    if (faults.unknown.length + faults.tooMany.length > 0) return reply.send(logHelpMessage(faults));
    const times =
      span === undefined
        ? {}
        : toTimeRange(span, clock.now(), admin.utcOffsetMs ?? (await admins.findUtcOffset(member)));
    const page = await findLogPage(grants, { teamId: member.teamId, ...filter, ...times });
    reply.send(withAdminLink(logMessage(page), await adminLinks.create(member)));
  });
}
