import type { AskOutcome } from '../services/permissions/permissions';
import type { PermissionRequest } from '../services/permissions/requests/store';
import type { Trigger } from '../services/slack/trigger';
import { calledMessage, outcomeMessage } from './blocks/outcome';
import type { ListenerDependencies } from './dependencies';
import { createReply, type Reply } from './reply';

/** The scopes to ask for, or the request to continue. */
type What = { scopes: readonly string[]; reason?: string | undefined } | { requestId: string };

/**
 * Asks the user for scopes with the trigger of this gesture. The exchange is the first call that leaves the process. The user
 * is told the outcome, unless Slack's own prompt shows it.
 */
export async function ask(
  {
    permissions,
    enterprises,
    waitingReplies,
  }: Pick<ListenerDependencies, 'permissions' | 'enterprises' | 'waitingReplies'>,
  { trigger, what, reply }: { trigger: Trigger; what: What; reply: Reply },
  tell: (outcome: AskOutcome, reply: Reply) => void = tellOutcome,
): Promise<AskOutcome> {
  const outcome =
    'requestId' in what
      ? await permissions.continueRequest({ trigger, requestId: what.requestId })
      : await permissions.ask({ trigger, ...what });
  enterprises.learn(trigger);
  if (outcome.kind === 'queued') waitingReplies.remember(outcome.request.id, reply);
  tell(outcome, reply);
  return outcome;
}

function tellOutcome(outcome: AskOutcome, reply: Reply): void {
  const message = outcomeMessage(outcome);
  if (message !== undefined) reply.send(message);
}

/** Tells a user that their turn in the queue has come: a press brings the fresh trigger. */
export function notifyCalled(
  dependencies: Pick<
    ListenerDependencies,
    'waitingReplies' | 'messenger' | 'retryingMessenger' | 'background' | 'logger'
  >,
  request: PermissionRequest,
): void {
  const reply = dependencies.waitingReplies.take(request.id) ?? createReply(dependencies, { to: request });
  reply.send(calledMessage(request));
}
