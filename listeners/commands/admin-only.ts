import type { Admin } from '../../services/admin/admins';
import type { Member } from '../../services/slack/workspace';
import { code } from '../blocks/text';
import type { ListenerDependencies } from '../dependencies';
import type { Reply } from '../reply';

/**
 * Runs `answer` for admins, in the background: asking Slack whether the user is one may take longer than an acknowledgement
 * can wait. Others are told that it is not for them.
 */
export function answerAdmin(
  { admins, accessLog }: Pick<ListenerDependencies, 'admins' | 'accessLog'>,
  { member, reply, what }: { member: Member; reply: Reply; what: string },
  answer: (admin: Admin) => Promise<void>,
): void {
  reply.after('answer to an admin', async () => {
    const check = await admins.check(member);
    if (check.is === 'admin') return answer(check);
    const text =
      check.is === 'member'
        ? `${what} is for the admins of this workspace. ${code('/permissions status')} shows your own grants.`
        : `Slack did not say whether you are an admin (${code(check.error)}), so you cannot have it now. Try again in a minute.`;
    reply.send({ text });
    if (check.is !== 'member') return;
    const { teamId, userId } = member;
    await accessLog.record({ teamIds: [teamId], userId, event: 'refused', detail: `${what}: no admin` });
  });
}
