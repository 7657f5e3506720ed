import { readAskForScopes } from './actions/ask-for-scopes';
import { readContinueRequest } from './actions/continue-request';
import type { Arrival } from './arrival';
import type { Ask, ReadAsk } from './ask';
import { readRequestCommand } from './commands/request';
import type { ListenerDependencies } from './dependencies';
import { readPermissionDialog } from './dialogs/permission-dialog';
import { createReply } from './reply';
import { readPermissionView } from './views/permission-view';

/** The gestures whose triggers are exchanged for Slack's prompt: the moment that the product exists for. */
export interface Asks {
  /**
   * Takes a body that is such a gesture: the exchange leaves at once. Resolves, never rejects, when Slack may have its 200,
   * with what stands in it. Undefined: it is none, and Bolt finds the listener.
   */
  take(body: unknown, arrival: Arrival): Promise<object | undefined> | undefined;
}

const readers = new Map<string, readonly ReadAsk[]>([
  ['command', [readRequestCommand]],
  ['block_actions', [readAskForScopes, readContinueRequest]],
  ['dialog_submission', [readPermissionDialog]],
  ['view_submission', [readPermissionView]],
]);

/**
 * These go past Bolt's routing, which takes longer than all the rest of the way: it asks every listener of the app in turn,
 * and makes arguments for each. Everything else that Slack sends has time, and goes through Bolt.
 */
export function createAsks(
  dependencies: Pick<
    ListenerDependencies,
    | 'permissions'
    | 'organisations'
    | 'waitingReplies'
    | 'messenger'
    | 'lateMessages'
    | 'background'
    | 'clock'
    | 'logger'
  >,
): Asks {
  const { permissions, organisations } = dependencies;

  async function run({ trigger, what, responseUrl, answer }: Ask): Promise<object | undefined> {
    const reply = createReply(dependencies, { responseUrl, to: trigger });
    try {
      const outcome =
        'requestId' in what
          ? await permissions.continueRequest({ trigger, requestId: what.requestId })
          : await permissions.ask({ trigger, ...what });
      organisations.learn(trigger);
      if (outcome.kind === 'queued') dependencies.waitingReplies.remember(outcome.request.id, reply);
      answer(outcome, reply);
      if (outcome.kind === 'shown' && outcome.view !== undefined)
        return { response_action: 'update', view: outcome.view };
    } catch (error) {
      reply.sendFault(error);
    }
    return undefined;
  }

  return {
    take(body, arrival) {
      if (typeof body !== 'object' || body === null) return undefined;
      const kind = 'command' in body ? 'command' : 'type' in body ? String(body.type) : '';
      for (const read of readers.get(kind) ?? []) {
        const ask = read(body, arrival);
        if (ask === undefined) continue;
        return 'acknowledgement' in ask ? Promise.resolve(ask.acknowledgement) : run(ask);
      }
      return undefined;
    },
  };
}
