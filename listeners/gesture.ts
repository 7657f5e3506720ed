import type { TriggerSource } from '../services/slack/trigger';
import { createReply, type ReplyDependencies } from './reply';
import type { ActionArgs } from './router';
import { type Gesture, toTrigger } from './trigger';

/** The trigger of a gesture, and how whoever made it is answered. */
export function readGesture(
  dependencies: ReplyDependencies,
  source: TriggerSource,
  { body, context }: { body: Gesture; context: Parameters<typeof toTrigger>[2] },
) {
  const trigger = toTrigger(body, source, context);
  return { trigger, reply: createReply(dependencies, { responseUrl: body.response_url, to: trigger }) };
}

/** The same for a press of a button, with what the button carries: https://docs.slack.dev/reference/block-kit/block-elements/button-element#fields */
export function readPress(dependencies: ReplyDependencies, { action, body, context }: ActionArgs) {
  const value = action.type === 'button' && typeof action.value === 'string' ? action.value : undefined;
  return { value, ...readGesture(dependencies, 'block_action', { body, context }) };
}
