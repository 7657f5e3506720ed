import { isObject, parseJson, toObject, toObjects, toText } from '../json';
import type { OpenDialog, Screen } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Delivery, GestureOptions, JsonObject } from '../types';
import { isSuccess, type Outbox } from '../wire/outbox';
import { beginGesture, channelFields, type Gesture, interactionFields, mintResponseUrl } from './gesture';
import { sendInteraction, TROUBLE_TEXT } from './send-interaction';

interface Submission {
  screen: Screen;
  open: OpenDialog;
  /** By element name. */
  values?: Record<string, string>;
  options?: GestureOptions;
}

/** The legacy dialog's submission: https://docs.slack.dev/legacy/legacy-dialogs */
export async function submitDialog(
  workspace: Workspace,
  outbox: Outbox,
  { screen, open, values = {}, options }: Submission,
): Promise<Delivery> {
  open.values = { ...open.values, ...values };
  open.errors = fieldErrors(open);
  workspace.changed();
  const wrong = Object.keys(open.errors);
  if (wrong.length > 0) {
    throw new Error(`Slack does not send the dialog before it is filled in: ${wrong.join(', ')}.`);
  }
  const gesture = beginGesture(workspace, screen.userId, open.channel, options);
  const submission = toObjects(open.dialog.elements).map((element): [string, string | null] => {
    const name = toText(element.name);
    return [name, open.values[name] || null];
  });
  const delivery = await sendInteraction(outbox, gesture.timestamp, {
    type: 'dialog_submission',
    ...dialogFields(workspace, gesture, open),
    ...gesture.triggerFields,
    submission: Object.fromEntries(submission),
  });
  applyAnswer(screen, open, delivery);
  workspace.changed();
  return delivery;
}

export async function cancelDialog(
  workspace: Workspace,
  outbox: Outbox,
  screen: Screen,
  open: OpenDialog,
): Promise<Delivery | undefined> {
  screen.dialog = undefined;
  workspace.changed();
  if (open.dialog.notify_on_cancel !== true) return undefined;
  const gesture = beginGesture(workspace, screen.userId, open.channel);
  return await sendInteraction(outbox, gesture.timestamp, {
    type: 'dialog_cancellation',
    ...dialogFields(workspace, gesture, open),
  });
}

function dialogFields(workspace: Workspace, gesture: Gesture, open: OpenDialog): JsonObject {
  return {
    ...interactionFields(workspace, gesture),
    action_ts: gesture.actionTs,
    channel: channelFields(workspace, open.channel),
    callback_id: toText(open.dialog.callback_id),
    state: toText(open.dialog.state),
    response_url: mintResponseUrl(workspace, gesture),
  };
}

/** What Slack's own client asks for before it sends anything. */
function fieldErrors(open: OpenDialog): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const element of toObjects(open.dialog.elements)) {
    const name = toText(element.name);
    const { length } = open.values[name] ?? '';
    if (length === 0 && element.optional !== true) errors[name] = 'Please complete this required field.';
    if (typeof element.max_length === 'number' && length > element.max_length) {
      errors[name] = `Please enter at most ${element.max_length} characters.`;
    }
    if (typeof element.min_length === 'number' && length > 0 && length < element.min_length) {
      errors[name] = `Please enter at least ${element.min_length} characters.`;
    }
  }
  return errors;
}

/** An empty answer closes the dialog; `errors` keep it open. */
function applyAnswer(screen: Screen, open: OpenDialog, delivery: Delivery): void {
  const answer = parseJson(delivery.responseBody);
  const errors = toObjects(toObject(answer).errors);
  if (!isSuccess(delivery.status)) {
    open.errors = { '': TROUBLE_TEXT };
  } else if (errors.length > 0) {
    open.errors = Object.fromEntries(errors.map((error) => [toText(error.name), toText(error.error)]));
  } else if (delivery.responseBody.trim() === '' || isObject(answer)) {
    if (screen.dialog === open) screen.dialog = undefined;
  } else {
    open.errors = { '': TROUBLE_TEXT };
  }
}
