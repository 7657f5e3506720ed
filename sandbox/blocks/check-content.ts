import { validateBlocks } from './validate';

const TEXT_LENGTH_MAX = 40_000;
const MESSAGE_BLOCKS_MAX = 50;

/** Why a message cannot be shown, in Slack's words; undefined: it can. */
export interface ContentRefusal {
  error: string;
  messages: string[];
}

export function checkContent(text: string, blocks: unknown): ContentRefusal | undefined {
  const hasBlocks = blocks !== undefined && blocks !== null && blocks !== '';
  if (hasBlocks && !Array.isArray(blocks)) return { error: 'invalid_blocks_format', messages: [] };
  if (text === '' && (!Array.isArray(blocks) || blocks.length === 0)) {
    return { error: 'no_text', messages: [] };
  }
  if (text.length > TEXT_LENGTH_MAX) return { error: 'msg_too_long', messages: [] };
  if (!Array.isArray(blocks)) return undefined;
  const messages = validateBlocks(blocks, { pointer: '/blocks', blocksMax: MESSAGE_BLOCKS_MAX });
  return messages.length > 0 ? { error: 'invalid_blocks', messages } : undefined;
}
