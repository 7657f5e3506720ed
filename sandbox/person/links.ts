import { listElements, textOf } from '../blocks/elements';
import { visibleTexts } from '../blocks/texts';
import { toObjects, toText } from '../json';
import { toPlain } from '../state/messages';
import { topView } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import { quoteAll } from './find-on-screen';

interface Link {
  label: string;
  url: string;
}

const MRKDWN_LINK = /<(https?:\/\/[^|>\s]+)(?:\|([^>\n]+))?>/g;

/** The address behind a label, where a person would look: in the open modal, then in messages, newest first. */
export function findLink(workspace: Workspace, userId: string, label: string): string {
  const links = linksOnScreen(workspace, userId);
  const found = links.find((link) => link.label === label);
  if (found) return found.url;
  throw new Error(`There is no link "${label}"; there is ${quoteAll(links.map((link) => link.label))}.`);
}

function linksOnScreen(workspace: Workspace, userId: string): Link[] {
  const top = topView(workspace.screens.of(userId));
  const inModal = top ? linksIn(toObjects(top.view.blocks), '') : [];
  const messages = workspace.messages.visibleTo(userId).reverse();
  return [...inModal, ...messages.flatMap((message) => linksIn(message.blocks, toPlain(message)))];
}

function linksIn(blocks: JsonObject[], plain: string): Link[] {
  const buttons = listElements(blocks)
    .map(({ element }) => ({ label: textOf(element.text), url: toText(element.url) }))
    .filter(({ url }) => url !== '');
  const texts = blocks.length > 0 ? visibleTexts(blocks).join('\n') : plain;
  const inText = [...texts.matchAll(MRKDWN_LINK)].map(([, url = '', label]) => ({
    label: plainText(label ?? url),
    url: plainText(url),
  }));
  return [...buttons, ...inText];
}

/** In mrkdwn three characters are escaped. */
function plainText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
