import type { JsonObject } from '../../../types';
import { textIn } from '../json';
import { ActionsBlock } from './actions-block';
import { InputBlock } from './input-block';
import { ContextBlock, HeaderBlock, SectionBlock } from './text-blocks';
import { Unknown } from './unknown';

export function Blocks({ blocks }: { blocks: JsonObject[] }) {
  return (
    <div class="blocks">
      {blocks.map((block, index) => (
        <Block key={textIn(block, 'block_id') || index} block={block} />
      ))}
    </div>
  );
}

function Block({ block }: { block: JsonObject }) {
  const type = textIn(block, 'type');
  switch (type) {
    case 'section':
      return <SectionBlock block={block} />;
    case 'header':
      return <HeaderBlock block={block} />;
    case 'context':
      return <ContextBlock block={block} />;
    case 'divider':
      return <hr class="block-divider" />;
    case 'actions':
      return <ActionsBlock block={block} />;
    case 'input':
      return <InputBlock block={block} />;
    default:
      return <Unknown kind="A block" type={type} />;
  }
}
