import { toObjects, toText } from '../json';
import type { JsonObject } from '../types';
import { listElements, textOf } from './elements';
import { chosenOptions } from './options';

/** Every text of the blocks that a person can read, from top to bottom, as it was sent (mrkdwn is not rendered). */
export function visibleTexts(blocks: JsonObject[]): string[] {
  return blocks.flatMap(textsOfBlock).filter((text) => text !== '');
}

function textsOfBlock(block: JsonObject): string[] {
  const elements = listElements([block]).flatMap((placed) => textsOfElement(placed.element));
  switch (block.type) {
    case 'section':
      return [textOf(block.text), ...toObjects(block.fields).map(textOf), ...elements];
    case 'header':
      return [textOf(block.text)];
    case 'context':
      return toObjects(block.elements).map((element) => toText(element.text) || toText(element.alt_text));
    case 'input':
      return [textOf(block.label), ...elements, textOf(block.hint)];
    case 'image':
      return [textOf(block.title) || toText(block.alt_text)];
    case 'rich_text':
      return toObjects(block.elements).map(richText);
    case 'markdown':
      return [toText(block.text)];
    default:
      return elements;
  }
}

function textsOfElement(element: JsonObject): string[] {
  if (element.type === 'button') return [textOf(element.text)];
  if (element.type === 'checkboxes' || element.type === 'radio_buttons') {
    return toObjects(element.options).flatMap((option) => [textOf(option.text), textOf(option.description)]);
  }
  const chosen = chosenOptions(element).map((option) => textOf(option.text));
  return chosen.length > 0 ? chosen : [textOf(element.placeholder)];
}

function richText(element: JsonObject): string {
  const nested = toObjects(element.elements).map(richText);
  if (nested.length > 0) return nested.join(element.type === 'rich_text_list' ? '\n' : '');
  if (element.type === 'user') return `<@${toText(element.user_id)}>`;
  if (element.type === 'emoji') return `:${toText(element.name)}:`;
  return toText(element.text) || toText(element.url);
}

/** Labels of the buttons, from top to bottom. */
export function buttonTexts(blocks: JsonObject[]): string[] {
  return listElements(blocks)
    .filter((placed) => placed.type === 'button')
    .map((placed) => textOf(placed.element.text));
}
