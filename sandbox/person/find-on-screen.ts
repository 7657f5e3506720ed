import { listElements, type PlacedElement, textOf } from '../blocks/elements';
import { mergeValues } from '../blocks/values';
import { toObjects } from '../json';
import { type OpenView, topView } from '../state/screens';
import type { Workspace } from '../state/workspace';
import type { StateValues } from '../types';

/** An element where a person would look for it, and where its state is kept. */
export interface ElementOnScreen {
  placed: PlacedElement;
  messageTs?: string;
  viewId?: string;
  keep(values: StateValues): void;
}

/** All interactive elements that the person can reach: the open modal first, then messages, newest first, then the home tab. */
export function elementsOnScreen(workspace: Workspace, userId: string): ElementOnScreen[] {
  const screen = workspace.screens.of(userId);
  const top = topView(screen);
  const inMessages = workspace.messages
    .visibleTo(userId)
    .reverse()
    .flatMap((message) =>
      listElements(message.blocks).map((placed) => ({
        placed,
        messageTs: message.ts,
        keep: (values: StateValues) => {
          message.values.set(userId, mergeValues(message.values.get(userId) ?? {}, values));
          workspace.changed();
        },
      })),
    );
  const inView = (open: OpenView) =>
    listElements(toObjects(open.view.blocks)).map((placed) => ({
      placed,
      viewId: open.id,
      keep: (values: StateValues) => {
        open.values = mergeValues(open.values, values);
        workspace.changed();
      },
    }));
  return [...(top ? inView(top) : []), ...inMessages, ...(screen.home ? inView(screen.home) : [])];
}

/** The first whose label or placeholder it is. */
export function findByLabel(elements: ElementOnScreen[], label: string, what: string): ElementOnScreen {
  const found = elements.find(({ placed }) => placed.label === label || placed.placeholder === label);
  if (found) return found;
  const labels = elements.map(({ placed }) => placed.label || placed.placeholder);
  throw new Error(`There is no ${what} "${label}"; there is ${quoteAll(labels)}.`);
}

export function findButton(elements: ElementOnScreen[], label: string): ElementOnScreen {
  const buttons = elements.filter(({ placed }) => placed.type === 'button');
  const found = buttons.find(({ placed }) => textOf(placed.element.text) === label);
  if (found) return found;
  const labels = buttons.map(({ placed }) => textOf(placed.element.text));
  throw new Error(`There is no button "${label}"; there is ${quoteAll(labels)}.`);
}

export function quoteAll(labels: string[]): string {
  return labels.length > 0 ? labels.map((label) => `"${label}"`).join(', ') : 'none';
}
