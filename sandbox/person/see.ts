import { listElements, textOf } from '../blocks/elements';
import { buttonTexts, visibleTexts } from '../blocks/texts';
import { toObjects, toText } from '../json';
import { type StoredMessage, toPlain } from '../state/messages';
import { type Screen, topView } from '../state/screens';
import type { Prompt, SeenHome, SeenMessage, Surface } from '../types';

export function seePrompt(screen: Screen, appName: string): Prompt | undefined {
  return screen.prompt && { scopes: [...screen.prompt.scopes], appName };
}

export function seeMessage(message: StoredMessage): SeenMessage {
  return {
    ts: message.ts,
    channel: message.channel,
    ephemeral: message.ephemeralTo !== undefined,
    text: message.text,
    plain: toPlain(message),
    buttons: buttonTexts(message.blocks),
    blocks: message.blocks,
  };
}

/** What the app published; nothing before it did so for the first time. */
export function seeHome({ home }: Screen): SeenHome | undefined {
  const blocks = toObjects(home?.view.blocks);
  return home && { texts: visibleTexts(blocks), buttons: buttonTexts(blocks) };
}

/** The dialog lies over any modal. */
export function seeSurface(screen: Screen): Surface | undefined {
  if (screen.dialog) {
    const { dialog, errors } = screen.dialog;
    const elements = toObjects(dialog.elements);
    return {
      kind: 'dialog',
      title: toText(dialog.title),
      texts: elements.flatMap((element) => [
        toText(element.label),
        ...[toText(element.hint), toText(element.placeholder)].filter((text) => text !== ''),
      ]),
      errors: { ...errors },
      fields: elements.map((element) => toText(element.label)),
    };
  }
  const open = topView(screen);
  if (!open) return undefined;
  const blocks = toObjects(open.view.blocks);
  const fields = listElements(blocks).filter((placed) => placed.type !== 'button');
  return {
    kind: 'modal',
    title: textOf(open.view.title),
    texts: visibleTexts(blocks),
    errors: { ...open.errors },
    fields: fields.map((placed) => placed.label || placed.placeholder),
  };
}
