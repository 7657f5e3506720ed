import type { KnownBlock } from '@slack/web-api';
import type { CatalogEntry } from '../../services/config/catalog';
import type { Message } from '../../services/messages/messenger';
import { ids } from './ids';
import { scopeInput } from './scope-input';
import { actions, button, code, codeList, escapeText, section, sections } from './text';

/** What `/permissions` answers: what the user granted, what can be asked and why, and a way to ask. */
export function overviewMessage({
  held,
  open,
}: {
  held: readonly string[];
  open: readonly CatalogEntry[];
}): Message {
  const granted = held.length === 0 ? 'You have granted nothing yet.' : `You have granted ${codeList(held)}.`;
  if (open.length === 0) {
    return {
      text: `${granted} There is nothing else to ask for.`,
      blocks: [section(`*${granted}*\nThere is nothing else to ask for.`)],
    };
  }
  return {
    text: `${granted} You can be asked for ${codeList(open.map((entry) => entry.scope))}.`,
    blocks: [
      section(`*${granted}*`),
      section('*You can be asked for*'),
      ...sections(open.map(toReasonLine)),
      ...askBlocks(open),
    ],
  };
}

/** What a scope is for, and why it is asked. */
export function toReasonLine({ label, scope, reason }: CatalogEntry): string {
  return `• *${escapeText(label)}* (${code(scope)})\n   ${escapeText(reason)}`;
}

/** A select of scopes, and the button that asks for those chosen. */
export function askBlocks(open: readonly CatalogEntry[]): KnownBlock[] {
  return [scopeInput(open), actions(button(ids.actions.ask, 'Ask for these', { style: 'primary' }))];
}
