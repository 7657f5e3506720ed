import type { JsonObject } from '../../../types';
import { objectsIn, textIn } from '../json';
import { Element } from './element';

export function ActionsBlock({ block }: { block: JsonObject }) {
  return (
    <div class="block-actions">
      {objectsIn(block, 'elements').map((element, index) => (
        <Element key={textIn(element, 'action_id') || index} block={block} element={element} label="" />
      ))}
    </div>
  );
}
