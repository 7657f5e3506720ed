import { z } from 'zod';
import { answerAsk } from '../answer';
import type { ReadAsk } from '../ask';
import { ids, REASON_LIMIT } from '../blocks/ids';
import { selectedScopes, stateSchema } from '../blocks/scope-input';
import { gestureSchema, toTrigger, viewSchema } from '../trigger';

const submissionSchema = gestureSchema.extend({
  view: viewSchema.extend({
    id: z.string().optional(),
    callback_id: z.literal(ids.view),
    state: stateSchema,
  }),
});

/** The modal was submitted: Slack's own prompt comes up in its place, or over OAuth it turns into the question. */
export const readPermissionView: ReadAsk = (body, arrival) => {
  const { data: submission } = submissionSchema.safeParse(body);
  if (submission === undefined) return undefined;
  const { state } = submission.view;
  const scopes = selectedScopes(state);
  if (scopes.length === 0) {
    const errors = { [ids.blocks.scopes]: 'Choose at least one permission.' };
    return { acknowledgement: { response_action: 'errors', errors } };
  }
  const reason = state.values[ids.blocks.reason]?.[ids.inputs.reason]?.value?.slice(0, REASON_LIMIT);
  return {
    trigger: { ...toTrigger(submission, 'view_submission', arrival), viewId: submission.view.id },
    what: { scopes, reason },
    // A modal has none: the answer comes as a direct message.
    responseUrl: undefined,
    answer: answerAsk,
  };
};
