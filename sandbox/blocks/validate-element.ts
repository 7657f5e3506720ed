import { isObject, toObjects, toText } from '../json';
import type { JsonObject } from '../types';
import type { FaultList } from './faults';

const ID_MAX = 255;
const BUTTON_TEXT_MAX = 75;
const BUTTON_VALUE_MAX = 2000;
const OPTIONS_MAX = 100;
/** Radio buttons and check boxes. */
const VISIBLE_OPTIONS_MAX = 10;
const OPTION_TEXT_MAX = 75;
const OPTION_VALUE_MAX = 150;
const PLACEHOLDER_MAX = 150;
/** Of a `confirm`: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
const CONFIRM_MAX = { title: 100, text: 300, confirm: 30, deny: 30 };

const ELEMENT_TYPES = new Set(
  [
    'button checkboxes channels_select conversations_select datepicker datetimepicker email_text_input',
    'external_select feedback_buttons file_input icon_button image multi_channels_select',
    'multi_conversations_select multi_external_select multi_static_select multi_users_select number_input',
    'overflow plain_text_input radio_buttons rich_text_input static_select timepicker url_text_input',
    'users_select workflow_button',
  ].flatMap((line) => line.split(' ')),
);

export function validateElement(element: JsonObject, pointer: string, faults: FaultList): void {
  const type = toText(element.type);
  if (!ELEMENT_TYPES.has(type)) {
    faults.add('unsupported type', `${pointer}/type`);
    return;
  }
  if (element.action_id !== undefined) {
    faults.checkLength(element.action_id, ID_MAX, `${pointer}/action_id`);
  }
  faults.checkText(element, 'placeholder', PLACEHOLDER_MAX, pointer, false);
  if (isObject(element.confirm)) {
    for (const [field, max] of Object.entries(CONFIRM_MAX))
      faults.checkText(element.confirm, field, max, `${pointer}/confirm`);
  }
  if (type === 'button') {
    faults.checkText(element, 'text', BUTTON_TEXT_MAX, pointer);
    if (element.value !== undefined) {
      faults.checkLength(element.value, BUTTON_VALUE_MAX, `${pointer}/value`);
    }
  }
  const isVisibleChoice = type === 'radio_buttons' || type === 'checkboxes';
  if (isVisibleChoice || type === 'static_select' || type === 'multi_static_select') {
    validateOptions(element, pointer, isVisibleChoice ? VISIBLE_OPTIONS_MAX : OPTIONS_MAX, faults);
  }
}

function validateOptions(element: JsonObject, pointer: string, max: number, faults: FaultList): void {
  const groups = toObjects(element.option_groups);
  const lists = groups.map((group, index): [unknown, string] => [
    group.options,
    `${pointer}/option_groups/${index}/options`,
  ]);
  faults.checkCount(groups, OPTIONS_MAX, `${pointer}/option_groups`);
  if (groups.length === 0) lists.push([element.options, `${pointer}/options`]);
  for (const [options, path] of lists) {
    if (!Array.isArray(options) || options.length === 0) {
      faults.add('no fewer than 1 items allowed', path);
      continue;
    }
    faults.checkCount(options, max, path);
    for (const [index, option] of toObjects(options).entries()) {
      faults.checkText(option, 'text', OPTION_TEXT_MAX, `${path}/${index}`);
      faults.checkLength(option.value, OPTION_VALUE_MAX, `${path}/${index}/value`);
    }
  }
}
