import { SLACKBOT_ID } from '../state/people';
import type { Workspace } from '../state/workspace';
import type { Delivery, GestureOptions } from '../types';
import { isSuccess, type Outbox } from '../wire/outbox';
import { beginGesture, interactionFields } from './gesture';
import { sendInteraction, TROUBLE_TEXT } from './send-interaction';

/** A global shortcut: it has neither channel nor response_url. */
export async function sendShortcut(
  workspace: Workspace,
  outbox: Outbox,
  shortcut: { userId: string; callbackId: string; options?: GestureOptions },
): Promise<Delivery> {
  const { userId, callbackId, options } = shortcut;
  const gesture = beginGesture(workspace, userId, workspace.team.generalId, options);
  const delivery = await sendInteraction(outbox, gesture.timestamp, {
    type: 'shortcut',
    ...interactionFields(workspace, gesture),
    callback_id: callbackId,
    action_ts: gesture.actionTs,
    ...gesture.triggerFields,
  });
  if (!isSuccess(delivery.status)) {
    const place = { channel: workspace.team.generalId, author: SLACKBOT_ID, ephemeralTo: userId };
    workspace.messages.add(place, { text: TROUBLE_TEXT, blocks: [] });
  }
  return delivery;
}
