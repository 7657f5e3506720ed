import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { helpMessage } from '../blocks/help';
import { outcomeMessage } from '../blocks/outcome';
import { overviewMessage } from '../blocks/overview';
import { logMessage, statusMessage } from '../blocks/record';
import { confirmRevokeMessage } from '../blocks/revoke';
import { syncBegunMessage, syncMessage } from '../blocks/sync';
import type { ListenerDependencies } from '../dependencies';
import { openDialog } from '../dialogs/open';
import { createReply } from '../reply';
import { toTrigger } from '../trigger';
import { answerAdmin } from './admin-only';
import { toWords } from './words';

const LOG_ENTRIES = 10;

/** `/permissions …` */
export function createPermissionsCommand(dependencies: ListenerDependencies) {
  const { permissions, grants, sync, clock } = dependencies;

  return async ({
    command,
    context,
    ack,
    respond,
  }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const { user_id: userId, team_id: teamId, enterprise_id, trigger_id } = command;
    const enterprise = enterprise_id === undefined ? null : { id: enterprise_id };
    const gesture = { trigger_id, user: { id: userId }, team: { id: teamId }, enterprise };
    const trigger = toTrigger(gesture, 'slash_command', context, clock);
    const reply = createReply(dependencies, { respond, to: trigger });
    const words = toWords(command.text ?? '');

    switch (words.command) {
      case 'request': {
        await ack();
        const answer = outcomeMessage(await permissions.ask({ trigger, scopes: words.scopes }));
        if (answer !== undefined) reply.send(answer);
        return;
      }
      case 'form':
        await ack();
        return openDialog(dependencies, trigger, reply);
      case 'overview':
        return ack({
          response_type: 'ephemeral',
          ...overviewMessage(await permissions.listChoices(trigger)),
        });
      case 'status':
        return ack({
          response_type: 'ephemeral',
          ...statusMessage(await grants.listGrants({ teamId: trigger.teamId, userId })),
        });
      case 'log':
        await ack();
        return answerAdmin(dependencies, { member: trigger, reply, what: 'The grant log' }, async () => {
          const filter = { teamId: trigger.teamId };
          const { items } = await grants.listLog({ filter, order: 'desc', limit: LOG_ENTRIES });
          reply.send(logMessage(items));
        });
      case 'sync':
        await ack();
        return answerAdmin(dependencies, { member: trigger, reply, what: 'The sync' }, async () => {
          reply.send(syncBegunMessage(await sync.findLast(trigger.teamId)));
          reply.send(syncMessage(await sync.run(trigger)));
        });
      case 'revoke':
        return ack({
          response_type: 'ephemeral',
          ...confirmRevokeMessage((await permissions.listChoices(trigger)).held),
        });
      case 'help':
        return ack({ response_type: 'ephemeral', ...helpMessage() });
      case 'unknown':
        return ack({ response_type: 'ephemeral', ...helpMessage(words.word) });
    }
  };
}
