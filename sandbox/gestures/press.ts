import { toMessagePayload } from '../api/chat';
import { toViewPayload } from '../api/view-payload';
import { findElement, type PlacedElement } from '../blocks/elements';
import { mergeValues, stateValues } from '../blocks/values';
import { toObjects } from '../json';
import type { StoredMessage } from '../state/messages';
import { SLACKBOT_ID } from '../state/people';
import type { OpenView } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Delivery, GestureOptions, JsonObject, StateValues } from '../types';
import { isSuccess, type Outbox } from '../wire/outbox';
import { beginGesture, channelFields, type Gesture, interactionFields, mintResponseUrl } from './gesture';
import { sendInteraction, TROUBLE_TEXT } from './send-interaction';

export interface ElementTarget {
  /** Where the element is: one of the two. */
  messageTs?: string;
  viewId?: string;
  blockId: string;
  actionId: string;
}

export interface Press extends ElementTarget {
  userId: string;
  /** What the inputs around it hold now; those left out keep what they held. */
  values?: StateValues;
  options?: GestureOptions;
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export async function sendPress(workspace: Workspace, outbox: Outbox, press: Press): Promise<Delivery> {
  const message = findVisibleMessage(workspace, press);
  const open = message ? undefined : findOpenView(workspace, press);
  if (!message && !open) throw new Error('There is no such message or view on the screen.');
  const blocks = message ? message.blocks : toObjects(open?.view.blocks);
  const placed = findElement(blocks, press.blockId, press.actionId);
  if (!placed) throw new Error(`There is no element ${press.blockId}/${press.actionId} there.`);

  const { userId, values = {} } = press;
  const gesture = beginGesture(
    workspace,
    userId,
    message?.channel ?? workspace.team.generalId,
    press.options,
  );
  let place: JsonObject = {};
  if (message) {
    message.values.set(userId, mergeValues(message.values.get(userId) ?? {}, values));
    place = messageFields(workspace, gesture, message);
  } else if (open) {
    open.values = mergeValues(open.values, values);
    place = { container: { type: 'view', view_id: open.id }, view: toViewPayload(open) };
  }
  const state = stateOf(press, placed, message, open);
  const payload = {
    type: 'block_actions',
    ...interactionFields(workspace, gesture, { isHome: open?.view.type === 'home' }),
    ...place,
    ...gesture.triggerFields,
    actions: [toAction(placed, state, gesture.actionTs)],
  };
  const delivery = await sendInteraction(outbox, gesture.timestamp, payload);
  if (!isSuccess(delivery.status)) showTrouble(workspace, gesture, open);
  return delivery;
}

function findVisibleMessage(workspace: Workspace, press: Press): StoredMessage | undefined {
  return workspace.messages.visibleTo(press.userId).find((message) => message.ts === press.messageTs);
}

function findOpenView(workspace: Workspace, press: Press): OpenView | undefined {
  const { stack, home } = workspace.screens.of(press.userId);
  return [...stack, ...(home ? [home] : [])].find((open) => open.id === press.viewId);
}

/** What the pressed element itself holds, if it is one that holds something. */
function stateOf(
  press: Press,
  placed: PlacedElement,
  message: StoredMessage | undefined,
  open: OpenView | undefined,
): JsonObject {
  const set = message ? message.values.get(press.userId) : open?.values;
  return stateValues([placed.block], set ?? {})[placed.blockId]?.[placed.actionId] ?? {};
}

function messageFields(workspace: Workspace, gesture: Gesture, message: StoredMessage): JsonObject {
  const isEphemeral = message.ephemeralTo !== undefined;
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: isEphemeral,
    },
    channel: channelFields(workspace, message.channel),
    ...(isEphemeral ? {} : { message: toMessagePayload(workspace, message) }),
    state: { values: stateValues(message.blocks, message.values.get(gesture.userId) ?? {}) },
    response_url: mintResponseUrl(workspace, gesture, message.ts),
  };
}

/** One entry of `actions`: what was pressed or chosen. */
function toAction(placed: PlacedElement, state: JsonObject, actionTs: string): JsonObject {
  const { element, type, actionId, blockId } = placed;
  const action: JsonObject = { type, action_id: actionId, block_id: blockId, ...state };
  const ownFields = type === 'button' ? ['text', 'value', 'style', 'url'] : ['placeholder'];
  for (const field of ownFields) if (element[field] !== undefined) action[field] = element[field];
  return { ...action, action_ts: actionTs };
}

/** Slack marks the button itself; here Slackbot says it, so that text shows it, too. */
function showTrouble(workspace: Workspace, gesture: Gesture, open: OpenView | undefined): void {
  if (open) {
    open.errors = { ...open.errors, '': TROUBLE_TEXT };
    workspace.changed();
    return;
  }
  const place = { channel: gesture.channel, author: SLACKBOT_ID, ephemeralTo: gesture.userId };
  workspace.messages.add(place, { text: TROUBLE_TEXT, blocks: [] });
}
