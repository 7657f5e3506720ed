import { toObjects, toText } from '../json';
import type { JsonObject } from '../types';
import { createFaultList, type FaultList } from './faults';

const TITLE_MAX = 24;
const CALLBACK_ID_MAX = 255;
const STATE_MAX = 3000;
const ELEMENTS_MAX = 10;
const LABEL_MAX = 48;
const NAME_MAX = 300;
const OPTIONS_MAX = 100;
const OPTION_TEXT_MAX = 75;
const ELEMENT_TYPES = ['text', 'textarea', 'select'];

/** What Slack would refuse of a legacy dialog. */
export function validateDialog(dialog: JsonObject): string[] {
  const faults = createFaultList();
  requireText(dialog, 'title', TITLE_MAX, '', faults);
  requireText(dialog, 'callback_id', CALLBACK_ID_MAX, '', faults);
  if (dialog.state !== undefined) faults.checkLength(dialog.state, STATE_MAX, '/state');
  const elements = toObjects(dialog.elements);
  if (elements.length === 0) faults.add('missing required field: elements', '/');
  faults.checkCount(elements, ELEMENTS_MAX, '/elements');
  for (const [index, element] of elements.entries()) {
    validateElement(element, `/elements/${index}`, faults);
  }
  return faults.messages;
}

function validateElement(element: JsonObject, pointer: string, faults: FaultList): void {
  requireText(element, 'label', LABEL_MAX, pointer, faults);
  requireText(element, 'name', NAME_MAX, pointer, faults);
  if (!ELEMENT_TYPES.includes(toText(element.type))) faults.add('unsupported type', `${pointer}/type`);
  if (element.type !== 'select' || element.data_source !== undefined) return;
  const options = dialogOptions(element);
  if (options.length === 0) faults.add('no fewer than 1 items allowed', `${pointer}/options`);
  faults.checkCount(options, OPTIONS_MAX, `${pointer}/options`);
  for (const [index, option] of options.entries()) {
    requireText(option, 'label', OPTION_TEXT_MAX, `${pointer}/options/${index}`, faults);
    requireText(option, 'value', OPTION_TEXT_MAX, `${pointer}/options/${index}`, faults);
  }
}

function requireText(
  holder: JsonObject,
  field: string,
  max: number,
  pointer: string,
  faults: FaultList,
): void {
  if (!toText(holder[field])) faults.add(`missing required field: ${field}`, pointer || '/');
  else faults.checkLength(holder[field], max, `${pointer}/${field}`);
}

/** All options of a dialog's select, also those in groups. */
export function dialogOptions(element: JsonObject): JsonObject[] {
  const grouped = toObjects(element.option_groups).flatMap((group) => toObjects(group.options));
  return [...toObjects(element.options), ...grouped];
}
