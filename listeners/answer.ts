import type { AskOutcome } from '../services/permissions/permissions';
import type { PermissionRequest } from '../services/permissions/requests/store';
import { outcomeMessage, turnMessage } from './blocks/outcome';
import type { ListenerDependencies } from './dependencies';
import { createReply, type Reply } from './reply';

/** Tells the user what became of an ask, where Slack's own prompt does not. */
export function answerAsk(outcome: AskOutcome, reply: Reply): void {
  const message = outcomeMessage(outcome);
  if (message !== undefined) reply.send(message);
}

/** Tells a user that it is their turn: a press brings the fresh trigger. */
export function callTurn(
  dependencies: Pick<
    ListenerDependencies,
    'waitingReplies' | 'messenger' | 'lateMessages' | 'background' | 'logger'
  >,
  request: PermissionRequest,
): void {
  const reply = dependencies.waitingReplies.take(request.id) ?? createReply(dependencies, { to: request });
  reply.send(turnMessage(request));
}
