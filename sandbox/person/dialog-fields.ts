import { dialogOptions } from '../blocks/validate-dialog';
import { toObjects, toText } from '../json';
import type { OpenDialog } from '../state/screens';
import type { JsonObject } from '../types';
import { quoteAll } from './find-on-screen';

/** A dialog's fields are found by their labels, as a person finds them. */
function getField(open: OpenDialog, label: string, types: string[]): JsonObject {
  const fields = toObjects(open.dialog.elements).filter((element) => types.includes(toText(element.type)));
  const found = fields.find((element) => element.label === label || element.placeholder === label);
  if (found) return found;
  const labels = fields.map((element) => toText(element.label));
  throw new Error(`There is no field "${label}" in the dialog; there is ${quoteAll(labels)}.`);
}

export function typeInDialog(open: OpenDialog, label: string, text: string): void {
  open.values[toText(getField(open, label, ['text', 'textarea']).name)] = text;
}

export function chooseInDialog(open: OpenDialog, label: string, optionTexts: string[]): void {
  const field = getField(open, label, ['select']);
  const [text, ...more] = optionTexts;
  if (more.length > 0) throw new Error('A select of a dialog holds one option.');
  const options = dialogOptions(field);
  const option = options.find((candidate) => candidate.label === text);
  if (text !== undefined && !option) {
    const labels = options.map((candidate) => toText(candidate.label));
    throw new Error(`There is no option "${text}"; there is ${quoteAll(labels)}.`);
  }
  open.values[toText(field.name)] = toText(option?.value);
}
