import type { ElementState, JsonObject } from '../../../types';
import { objectIn, objectsIn, textIn } from '../json';

/** What an element holds before anybody touched it, as Slack writes it in `state.values`. */
export function initialState(element: JsonObject): ElementState {
  const type = textIn(element, 'type');
  switch (type) {
    case 'multi_static_select':
    case 'checkboxes':
      return { type, selected_options: objectsIn(element, 'initial_options') };
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: objectIn(element, 'initial_option') ?? null };
    default:
      return { type, value: textIn(element, 'initial_value') || null };
  }
}

/** All options of a select, those in groups too. */
export function optionsOf(element: JsonObject): JsonObject[] {
  const groups = objectsIn(element, 'option_groups').flatMap((group) => objectsIn(group, 'options'));
  return [...objectsIn(element, 'options'), ...groups];
}

export function selectedValue(state: ElementState): string {
  const option = objectIn(state, 'selected_option');
  return option ? textIn(option, 'value') : '';
}

export function selectedValues(state: ElementState): string[] {
  return objectsIn(state, 'selected_options').map((option) => textIn(option, 'value'));
}

/** The state with this option on or off; the order is the app's, not that of the clicks. */
export function toggled(element: JsonObject, state: ElementState, value: string): ElementState {
  const chosen = new Set(selectedValues(state));
  if (!chosen.delete(value)) chosen.add(value);
  return {
    type: textIn(element, 'type'),
    selected_options: optionsOf(element).filter((option) => chosen.has(textIn(option, 'value'))),
  };
}

export function chosen(element: JsonObject, value: string): ElementState {
  const option = optionsOf(element).find((each) => textIn(each, 'value') === value);
  return { type: textIn(element, 'type'), selected_option: option ?? null };
}
