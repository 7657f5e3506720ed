import { toViewPayload } from '../api/view-payload';
import { createOpenView, updateOpenView } from '../api/views';
import { listElements } from '../blocks/elements';
import { validateView } from '../blocks/validate-view';
import { isEmptyState, mergeValues, stateValues } from '../blocks/values';
import { parseJson, toObject, toObjects, toText } from '../json';
import { type OpenView, type Screen, STACK_MAX } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { Delivery, GestureOptions, JsonObject, StateValues } from '../types';
import { isSuccess, type Outbox } from '../wire/outbox';
import { beginGesture, interactionFields } from './gesture';
import { sendInteraction, TROUBLE_TEXT } from './send-interaction';

interface Submission {
  screen: Screen;
  open: OpenView;
  values?: StateValues;
  options?: GestureOptions;
}

/** https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export async function submitModal(
  workspace: Workspace,
  outbox: Outbox,
  { screen, open, values = {}, options }: Submission,
): Promise<Delivery> {
  open.values = mergeValues(open.values, values);
  open.errors = missingFields(open);
  workspace.changed();
  const missing = Object.keys(open.errors);
  if (missing.length > 0) {
    throw new Error(`Slack does not send the form before it is filled in: ${missing.join(', ')}.`);
  }
  const gesture = beginGesture(workspace, screen.userId, workspace.team.generalId, options);
  gesture.trigger.isOfSubmission = true;
  const delivery = await sendInteraction(outbox, gesture.timestamp, {
    type: 'view_submission',
    ...interactionFields(workspace, gesture),
    ...gesture.triggerFields,
    view: toViewPayload(open),
    response_urls: [],
  });
  applyAnswer(workspace, screen, open, delivery);
  workspace.changed();
  return delivery;
}

/** Only asked-for closing is told to the app. */
export async function closeModal(
  workspace: Workspace,
  outbox: Outbox,
  screen: Screen,
  open: OpenView,
): Promise<Delivery | undefined> {
  screen.stack = open.view.clear_on_close === true ? [] : without(screen, open);
  workspace.changed();
  if (open.view.notify_on_close !== true) return undefined;
  const gesture = beginGesture(workspace, screen.userId, workspace.team.generalId);
  return await sendInteraction(outbox, gesture.timestamp, {
    type: 'view_closed',
    ...interactionFields(workspace, gesture),
    view: toViewPayload(open),
    is_cleared: open.view.clear_on_close === true,
  });
}

function without(screen: Screen, open: OpenView): OpenView[] {
  return screen.stack.filter((other) => other !== open);
}

/** What Slack's own client asks for before it sends anything. */
function missingFields(open: OpenView): Record<string, string> {
  const blocks = toObjects(open.view.blocks);
  const values = stateValues(blocks, open.values);
  const required = listElements(blocks).filter(
    ({ block }) => block.type === 'input' && block.optional !== true,
  );
  const empty = required.filter(({ blockId, actionId }) => isEmptyState(values[blockId]?.[actionId]));
  return Object.fromEntries(empty.map(({ blockId }) => [blockId, 'Please complete this required field.']));
}

/** An empty answer closes the view; `response_action` says what else to do. */
function applyAnswer(workspace: Workspace, screen: Screen, open: OpenView, delivery: Delivery): void {
  const answer = toObject(parseJson(delivery.responseBody));
  if (!isSuccess(delivery.status)) {
    open.errors = { '': TROUBLE_TEXT };
  } else if (delivery.responseBody.trim() === '') {
    screen.stack = without(screen, open);
  } else if (answer.response_action === 'clear') {
    screen.stack = [];
  } else if (answer.response_action === 'errors') {
    const errors = Object.entries(toObject(answer.errors));
    open.errors = Object.fromEntries(errors.map(([blockId, text]) => [blockId, toText(text)]));
  } else if (answer.response_action === 'update' || answer.response_action === 'push') {
    showAnsweredView(workspace, screen, open, answer);
  } else {
    open.errors = { '': TROUBLE_TEXT };
  }
}

/** A view that Slack would not show is told on the form itself: a developer should not have to guess. */
function showAnsweredView(workspace: Workspace, screen: Screen, open: OpenView, answer: JsonObject): void {
  const view = toObject(answer.view);
  const faults = validateView(view, 'modal');
  const isPush = answer.response_action === 'push';
  if (isPush && screen.stack.length >= STACK_MAX) faults.push('push_limit_reached');
  if (faults.length > 0) {
    open.errors = { '': `Slack refused the view: ${faults.join(' ')}` };
  } else if (isPush) {
    screen.stack = [...screen.stack, createOpenView(workspace, view, open)];
  } else {
    updateOpenView(workspace, open, view);
  }
}
