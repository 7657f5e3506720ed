import { z } from 'zod';
import type { ReadAsk } from '../ask';
import { ids } from '../blocks/ids';
import { outcomeMessage } from '../blocks/outcome';
import { gestureSchema, toTrigger } from '../trigger';

const actionSchema = gestureSchema.extend({
  actions: z.tuple(
    [z.object({ action_id: z.literal(ids.actions.continue), value: z.string().default('') })],
    z.unknown(),
  ),
  response_url: z.string().optional(),
});

/** "Continue": the same request goes on with the fresh trigger of this press. */
export const readContinueRequest: ReadAsk = (body, arrival) => {
  const { data: action } = actionSchema.safeParse(body);
  if (action === undefined) return undefined;
  return {
    trigger: toTrigger(action, 'block_action', arrival),
    what: { requestId: action.actions[0].value },
    responseUrl: action.response_url,
    answer(outcome, reply) {
      const answer = outcomeMessage(outcome);
      if (answer === undefined) reply.dismiss();
      else reply.replace(answer);
    },
  };
};
