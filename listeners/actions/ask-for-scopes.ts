import { z } from 'zod';
import { answerAsk } from '../answer';
import type { ReadAsk } from '../ask';
import { ids } from '../blocks/ids';
import { selectedScopes, stateSchema } from '../blocks/scope-input';
import { gestureSchema, toTrigger, viewSchema } from '../trigger';

const actionSchema = gestureSchema.extend({
  actions: z.tuple([z.object({ action_id: z.literal(ids.actions.ask) })], z.unknown()),
  state: stateSchema.optional(),
  view: viewSchema.extend({ state: stateSchema.optional() }).optional(),
  response_url: z.string().optional(),
});

/** The button under the multi-select of `/permissions` and of the home, where the state is the view's. */
export const readAskForScopes: ReadAsk = (body, arrival) => {
  const { data: action } = actionSchema.safeParse(body);
  if (action === undefined) return undefined;
  return {
    trigger: toTrigger(action, 'block_action', arrival),
    what: { scopes: selectedScopes(action.state ?? action.view?.state) },
    responseUrl: action.response_url,
    answer: answerAsk,
  };
};
