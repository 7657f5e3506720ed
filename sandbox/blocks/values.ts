import { isObject, toText } from '../json';
import type { ElementState, JsonObject, StateValues } from '../types';
import { listElements, type PlacedElement } from './elements';
import { chosenOptions } from './options';

const TEXT_TYPES = ['plain_text_input', 'email_text_input', 'url_text_input', 'number_input'];

/** For each single-choice type: the field of its state, and the field of the element that it starts from. */
const SINGLE_FIELDS: Record<string, [stateField: string, initialField: string]> = {
  users_select: ['selected_user', 'initial_user'],
  channels_select: ['selected_channel', 'initial_channel'],
  conversations_select: ['selected_conversation', 'initial_conversation'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'],
  multi_users_select: ['selected_users', 'initial_users'],
  multi_channels_select: ['selected_channels', 'initial_channels'],
  multi_conversations_select: ['selected_conversations', 'initial_conversations'],
};

export function isTextField(placed: PlacedElement): boolean {
  return TEXT_TYPES.includes(placed.type);
}

/** What the element holds before it is touched; undefined for those without a state, such as buttons. */
function initialState(element: JsonObject): ElementState | undefined {
  const type = toText(element.type);
  if (TEXT_TYPES.includes(type)) return { type, value: element.initial_value ?? null };
  if (type === 'static_select' || type === 'external_select' || type === 'radio_buttons') {
    return { type, selected_option: chosenOptions(element)[0] ?? null };
  }
  if (type === 'multi_static_select' || type === 'multi_external_select' || type === 'checkboxes') {
    return { type, selected_options: chosenOptions(element) };
  }
  const fields = SINGLE_FIELDS[type];
  if (!fields) return undefined;
  return { type, [fields[0]]: element[fields[1]] ?? (type.startsWith('multi_') ? [] : null) };
}

/** `state.values` as Slack sends it: every element that has a state, with what was set over what it started from. */
export function stateValues(blocks: JsonObject[], set: StateValues): StateValues {
  const values: StateValues = {};
  for (const { blockId, actionId, element } of listElements(blocks)) {
    const initial = initialState(element);
    if (!initial) continue;
    const state = set[blockId]?.[actionId];
    values[blockId] = { ...values[blockId], [actionId]: state ? { ...state, type: initial.type } : initial };
  }
  return values;
}

export function mergeValues(base: StateValues, more: StateValues): StateValues {
  const merged = { ...base };
  for (const [blockId, actions] of Object.entries(more)) merged[blockId] = { ...merged[blockId], ...actions };
  return merged;
}

export function isEmptyState(state: ElementState | undefined): boolean {
  return Object.entries(state ?? {}).every(([field, value]) => {
    if (field === 'type') return true;
    if (Array.isArray(value)) return value.length === 0;
    return value === null || value === undefined || value === '';
  });
}

/** From outside: keeps only what has the shape of state values. */
export function toStateValues(value: unknown): StateValues {
  const values: StateValues = {};
  if (!isObject(value)) return values;
  for (const [blockId, actions] of Object.entries(value)) {
    if (!isObject(actions)) continue;
    const states: Record<string, ElementState> = {};
    for (const [actionId, state] of Object.entries(actions)) if (isObject(state)) states[actionId] = state;
    values[blockId] = states;
  }
  return values;
}
