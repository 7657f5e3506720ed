import { toObjects } from '../json';
import type { JsonObject } from '../types';
import { createFaultList } from './faults';
import { validateBlocks } from './validate';

const TITLE_MAX = 24;
const VIEW_BLOCKS_MAX = 100;
const METADATA_MAX = 3000;
const ID_MAX = 255;

/** What Slack would refuse of a view that has to be of this type. */
export function validateView(view: JsonObject, type: string): string[] {
  const faults = createFaultList();
  if (view.type === undefined) faults.add('missing required field: type', '/view');
  else if (view.type !== type) faults.add(`must be "${type}"`, '/view/type');
  if (type === 'modal') {
    faults.checkText(view, 'title', TITLE_MAX, '/view');
    faults.checkText(view, 'submit', TITLE_MAX, '/view', false);
    faults.checkText(view, 'close', TITLE_MAX, '/view', false);
    const hasInput = toObjects(view.blocks).some((block) => block.type === 'input');
    if (hasInput && !view.submit) faults.add('missing required field: submit', '/view');
  }
  if (view.private_metadata !== undefined) {
    faults.checkLength(view.private_metadata, METADATA_MAX, '/view/private_metadata');
  }
  if (view.callback_id !== undefined) faults.checkLength(view.callback_id, ID_MAX, '/view/callback_id');
  if (!Array.isArray(view.blocks)) {
    faults.add('missing required field: blocks', '/view');
    return faults.messages;
  }
  const options = { pointer: '/view/blocks', blocksMax: VIEW_BLOCKS_MAX };
  return [...faults.messages, ...validateBlocks(view.blocks, options)];
}
