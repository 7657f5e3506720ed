import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ClientDo, ClientState, ElementState, StateValues } from '../../types';

/** What is on screen, besides what the workspace itself says. All of it stands in the address, but `notice` and `drafts`. */
export interface PageModel {
  state: ClientState;
  /** The open channel, or `HOME`. */
  channel: string;
  /** On a narrow screen either the chat or the panel beside it is shown. */
  pane: Pane;
  /** Messages not looked at yet, by channel. */
  unread: Record<string, number>;
  /** What has been filled in and not sent yet, by message or surface. */
  drafts: Record<string, StateValues>;
  /** Gestures that the app has not answered yet. */
  waiting: number;
  /** What went wrong with the last gesture, in a sentence. */
  notice: string;
  /** The stream of changes is open. */
  live: boolean;
}

/** Stands where a channel's id stands: the app's Home tab is open. */
export const HOME = 'home';

export type Pane = 'chat' | 'panel';

export interface Place {
  user: string;
  channel: string;
  pane: Pane;
}

/** What only a browser can do. On the server these do nothing: there the page is for reading. */
export interface PageActions {
  act(action: ClientDo): void;
  go(place: Place): void;
  saveDraft(key: string, blockId: string, actionId: string, value: ElementState): void;
  /** Makes a `<dialog>` modal. Returns the way to close it, which gives the focus back. */
  showModal(dialog: unknown): () => void;
  /** Moves the focus to the first field in `container` that is marked as wrong. */
  focusInvalid(container: unknown): void;
  /** Where what had the focus has gone, brings it back into `container`. */
  keepFocus(container: unknown): void;
  scrollToEnd(list: unknown): void;
}

export type PageValue = PageModel & { actions: PageActions };

export const PageContext = createContext<PageValue | undefined>(undefined);

export function usePage(): PageValue {
  const page = useContext(PageContext);
  if (!page) throw new Error('Components of the page stand inside <Page>.');
  return page;
}

/** Works as a plain link as well: the server renders the same place from it. */
export function placeUrl({ user, channel, pane }: Place): string {
  const query = new URLSearchParams({ user, channel });
  if (pane !== 'chat') query.set('pane', pane);
  return `/?${query}`;
}
