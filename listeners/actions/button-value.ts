import type { BlockElementAction } from '@slack/bolt';

/** What a button carries: https://docs.slack.dev/reference/block-kit/block-elements/button-element#fields */
export function buttonValue(action: BlockElementAction): string | undefined {
  return action.type === 'button' && typeof action.value === 'string' ? action.value : undefined;
}
