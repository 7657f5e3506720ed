import { z } from 'zod';
import { answerAsk } from '../answer';
import type { ReadAsk } from '../ask';
import { ids, REASON_LIMIT } from '../blocks/ids';
import { gestureSchema, toTrigger } from '../trigger';

const submissionSchema = gestureSchema.extend({
  callback_id: z.literal(ids.dialog),
  submission: z.record(z.string(), z.string().nullish()),
  response_url: z.string().optional(),
});

/** The legacy dialog was submitted. Slack may leave out its trigger; then "Continue" brings one. */
export const readPermissionDialog: ReadAsk = (body, arrival) => {
  const { data: dialog } = submissionSchema.safeParse(body);
  if (dialog === undefined) return undefined;
  const scope = dialog.submission[ids.inputs.scopes];
  if (!scope)
    return { acknowledgement: { errors: [{ name: ids.inputs.scopes, error: 'Choose a permission.' }] } };
  return {
    trigger: toTrigger(dialog, 'dialog_submission', arrival),
    what: { scopes: [scope], reason: dialog.submission[ids.inputs.reason]?.slice(0, REASON_LIMIT) },
    responseUrl: dialog.response_url,
    answer: answerAsk,
  };
};
