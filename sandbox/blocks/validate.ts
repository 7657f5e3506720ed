import { isObject, toObjects, toText } from '../json';
import type { JsonObject } from '../types';
import { createFaultList, type FaultList } from './faults';
import { validateElement } from './validate-element';

const BLOCK_TYPES = [
  'actions',
  'context',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'markdown',
  'rich_text',
  'section',
  'video',
];
const ID_MAX = 255;
const SECTION_TEXT_MAX = 3000;
const FIELDS_MAX = 10;
const FIELD_TEXT_MAX = 2000;
const HEADER_TEXT_MAX = 150;
const ACTIONS_MAX = 25;
const CONTEXT_ELEMENTS_MAX = 10;
const LABEL_MAX = 2000;

/** What Slack would refuse, as far as it is checked here; see README.md. */
export function validateBlocks(blocks: unknown[], options: { pointer: string; blocksMax: number }): string[] {
  const faults = createFaultList();
  faults.checkCount(blocks, options.blocksMax, options.pointer);
  const seenIds = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const pointer = `${options.pointer}/${index}`;
    if (!isObject(block)) {
      faults.add('must provide an object', pointer);
      continue;
    }
    if (block.block_id !== undefined) {
      faults.checkLength(block.block_id, ID_MAX, `${pointer}/block_id`);
      if (seenIds.has(block.block_id)) {
        faults.add(`\`block_id\` ${String(block.block_id)} already exists`, pointer);
      }
      seenIds.add(block.block_id);
    }
    validateBlock(block, pointer, faults);
  }
  return faults.messages;
}

function validateBlock(block: JsonObject, pointer: string, faults: FaultList): void {
  if (block.type === 'section') validateSection(block, pointer, faults);
  else if (block.type === 'actions') validateActions(block, pointer, faults);
  else if (block.type === 'input') validateInput(block, pointer, faults);
  else if (block.type === 'header') faults.checkText(block, 'text', HEADER_TEXT_MAX, pointer);
  else if (block.type === 'context') {
    faults.checkCount(toObjects(block.elements), CONTEXT_ELEMENTS_MAX, `${pointer}/elements`);
  } else if (!BLOCK_TYPES.includes(toText(block.type))) faults.add('unsupported type', `${pointer}/type`);
}

function validateInput(block: JsonObject, pointer: string, faults: FaultList): void {
  faults.checkText(block, 'label', LABEL_MAX, pointer);
  faults.checkText(block, 'hint', LABEL_MAX, pointer, false);
  if (isObject(block.element)) validateElement(block.element, `${pointer}/element`, faults);
  else faults.add('missing required field: element', pointer);
}

function validateSection(block: JsonObject, pointer: string, faults: FaultList): void {
  const fields = toObjects(block.fields);
  faults.checkText(block, 'text', SECTION_TEXT_MAX, pointer, fields.length === 0);
  faults.checkCount(fields, FIELDS_MAX, `${pointer}/fields`);
  for (const [index, field] of fields.entries()) {
    faults.checkLength(field.text, FIELD_TEXT_MAX, `${pointer}/fields/${index}/text`);
  }
  if (isObject(block.accessory)) validateElement(block.accessory, `${pointer}/accessory`, faults);
}

function validateActions(block: JsonObject, pointer: string, faults: FaultList): void {
  const elements = toObjects(block.elements);
  if (elements.length === 0) faults.add('no fewer than 1 items allowed', `${pointer}/elements`);
  faults.checkCount(elements, ACTIONS_MAX, `${pointer}/elements`);
  const seenIds = new Set<unknown>();
  for (const [index, element] of elements.entries()) {
    const path = `${pointer}/elements/${index}`;
    validateElement(element, path, faults);
    if (element.action_id === undefined) continue;
    if (seenIds.has(element.action_id)) {
      faults.add(`\`action_id\` ${String(element.action_id)} already exists`, path);
    }
    seenIds.add(element.action_id);
  }
}
