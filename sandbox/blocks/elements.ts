import { copyObjects, isObject, toObject, toObjects, toText } from '../json';
import type { JsonObject } from '../types';

/** An interactive element, and where in the blocks it stands. */
export interface PlacedElement {
  blockId: string;
  actionId: string;
  type: string;
  element: JsonObject;
  block: JsonObject;
  /** What the person reads beside it: an input's label, a section's text. */
  label: string;
  placeholder: string;
  /** Slack posts block_actions on each change; elements of input blocks wait for the submission. */
  dispatches: boolean;
}

/** A copy with the ids that Slack gives to blocks and elements that came without. */
export function fillInIds(blocks: unknown, newId: () => string): JsonObject[] {
  const copy = copyObjects(blocks);
  for (const block of copy) {
    if (!block.block_id) block.block_id = newId();
    for (const element of elementsOf(block)) {
      if (!element.action_id) element.action_id = newId();
    }
  }
  return copy;
}

export function listElements(blocks: JsonObject[]): PlacedElement[] {
  return blocks.flatMap((block) => elementsOf(block).map((element) => place(block, element)));
}

export function findElement(
  blocks: JsonObject[],
  blockId: string,
  actionId: string,
): PlacedElement | undefined {
  return listElements(blocks).find((found) => found.blockId === blockId && found.actionId === actionId);
}

function elementsOf(block: JsonObject): JsonObject[] {
  if (block.type === 'actions') return toObjects(block.elements);
  if (block.type === 'section' && isObject(block.accessory) && block.accessory.type !== 'image') {
    return [block.accessory];
  }
  if (block.type === 'input' && isObject(block.element)) return [block.element];
  return [];
}

function place(block: JsonObject, element: JsonObject): PlacedElement {
  const isInput = block.type === 'input';
  return {
    blockId: toText(block.block_id),
    actionId: toText(element.action_id),
    type: toText(element.type),
    element,
    block,
    label: textOf(isInput ? block.label : block.text),
    placeholder: textOf(element.placeholder),
    dispatches: !isInput || block.dispatch_action === true,
  };
}

/** The text of a text object. */
export function textOf(value: unknown): string {
  return toText(toObject(value).text);
}
