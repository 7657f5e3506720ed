import type { CatalogEntry } from '../../services/catalog';
import type { Message } from '../../services/slack-messages';
import { ids } from './ids';
import { scopeInput } from './scope-input';
import { code, codeList, escapeText, plain, section, sections } from './text';

/** What `/permissions` answers: what you granted, what can be asked and why, and a way to ask. */
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
      ...sections(
        open.map(
          (entry) => `• *${escapeText(entry.label)}* (${code(entry.scope)})\n   ${escapeText(entry.reason)}`,
        ),
      ),
      scopeInput(open),
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: ids.actions.ask, style: 'primary', text: plain('Ask for these') },
        ],
      },
    ],
  };
}
