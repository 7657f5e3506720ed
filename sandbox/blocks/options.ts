import { isObject, toObjects } from '../json';
import type { ElementState, JsonObject } from '../types';
import { type PlacedElement, textOf } from './elements';

const CHOICE_TYPES = ['static_select', 'multi_static_select', 'radio_buttons', 'checkboxes', 'overflow'];
const MANY_TYPES = ['multi_static_select', 'checkboxes'];

export function isChoice(placed: PlacedElement): boolean {
  return CHOICE_TYPES.includes(placed.type);
}

/** All options, also those in groups. */
export function optionsOf(element: JsonObject): JsonObject[] {
  const grouped = toObjects(element.option_groups).flatMap((group) => toObjects(group.options));
  return [...toObjects(element.options), ...grouped];
}

/** The options that are chosen before the person has touched it. */
export function chosenOptions(element: JsonObject): JsonObject[] {
  if (isObject(element.initial_option)) return [element.initial_option];
  return toObjects(element.initial_options);
}

/** The state after these options were chosen by their texts; none of them clears it. */
export function chooseOptions(placed: PlacedElement, texts: string[]): ElementState {
  const options = optionsOf(placed.element);
  const chosen = texts.map((text) => {
    const option = options.find((candidate) => textOf(candidate.text) === text);
    if (option) return option;
    const known = options.map((candidate) => `"${textOf(candidate.text)}"`).join(', ');
    throw new Error(`There is no option "${text}"; there are ${known}.`);
  });
  if (MANY_TYPES.includes(placed.type)) return { type: placed.type, selected_options: chosen };
  if (chosen.length > 1) throw new Error(`Only one option can be chosen in a ${placed.type}.`);
  return { type: placed.type, selected_option: chosen[0] ?? null };
}
