import type { Message } from '../../services/messages/messenger';
import { beforeTriggerExpires } from '../../services/slack/trigger';
import { ask } from '../ask';
import { statusMessage } from '../blocks/grant-log';
import { helpMessage } from '../blocks/help';
import { overviewMessage } from '../blocks/overview';
import { confirmRevokeMessage } from '../blocks/revoke';
import { syncBegunMessage, syncMessage } from '../blocks/sync';
import type { ListenerDependencies } from '../dependencies';
import { openDialog } from '../open-form';
import { createReply } from '../reply';
import type { CommandArgs } from '../router';
import { toCommandTrigger } from '../trigger';
import { answerAdmin } from './admin-only';
import { answerLog } from './log';
import { toCommand } from './parsed-command';

/** `/permissions …` */
export function createPermissionsCommand(dependencies: ListenerDependencies) {
  const { permissions, grants, sync, accessLog, clock } = dependencies;

  return async ({ command, context, ack }: CommandArgs): Promise<void> => {
    const trigger = toCommandTrigger(command, context);
    const { userId } = trigger;
    const reply = createReply(dependencies, { responseUrl: command.response_url, to: trigger });
    const words = toCommand(command.text ?? '');

    /** In Slack's 200 where it is there in time; else afterwards, for Slack gives nobody longer. */
    async function answer(making: Promise<Message>): Promise<void> {
      const message = await beforeTriggerExpires(trigger, clock, making);
      if (message !== undefined) return ack({ response_type: 'ephemeral', ...message });
      await ack();
      reply.after('answer to a command', async () => reply.send(await making));
    }

    switch (words.command) {
      case 'request':
        await ask(dependencies, { trigger, what: { scopes: words.scopes }, reply });
        return ack();
      case 'form':
        await openDialog(dependencies, trigger, reply);
        return ack();
      case 'overview':
        return answer(permissions.listChoices(trigger).then(overviewMessage));
      case 'status':
        return answer(grants.listGrants({ teamId: trigger.teamId, userId }).then(statusMessage));
      case 'log':
        await ack();
        return answerLog(dependencies, { member: trigger, reply, words: words.words });
      case 'sync':
        await ack();
        return answerAdmin(dependencies, { member: trigger, reply, what: 'The sync' }, async () => {
          reply.send(syncBegunMessage(await sync.findLastSweep(trigger.teamId)));
          await accessLog.record({ teamIds: [trigger.teamId], userId, event: 'sync_pressed' });
          reply.send(syncMessage(await sync.run(trigger)));
        });
      case 'revoke':
        return answer(permissions.listChoices(trigger).then(({ held }) => confirmRevokeMessage(held)));
      case 'help':
        return ack({ response_type: 'ephemeral', ...helpMessage() });
      case 'unknown':
        return ack({ response_type: 'ephemeral', ...helpMessage(words.word) });
    }
  };
}
