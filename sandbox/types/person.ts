import type { Browser } from './browser';
import type { Delivery } from './wire';

export interface GestureOptions {
  /** The gesture happened this long ago: the trigger is that old, and so is `X-Slack-Request-Timestamp`. */
  triggerAgeMs?: number;
  omitTriggerId?: boolean;
  /** Where the organisation stands in the payload, if not in `enterprise` as well: in `team.enterprise_id` alone, or nowhere. */
  organisation?: 'in_team' | 'nowhere';
  /** Whole seconds; takes the place of the computed `X-Slack-Request-Timestamp`. */
  timestamp?: number;
}

/** Each doing resolves once the app's HTTP answer is in and what it carries has been applied. */
export interface Person {
  id: string;
  runCommand(command: string, text?: string, options?: GestureOptions): Promise<Delivery>;
  /** The newest visible button with that text, in the open modal or in a message. Throws, listing the buttons. */
  press(label: string, options?: GestureOptions): Promise<Delivery>;
  /**
   * Sets a select by its block's label or its placeholder, in the open modal or dialog or the newest message having
   * it. Outside input blocks Slack tells the app at once (block_actions): that goes on in the background, and `press`
   * and `submit` wait for the app's answer to it.
   */
  choose(label: string, optionTexts: string[]): void;
  /** Fills a text field of the open modal or dialog. */
  type(label: string, text: string): void;
  /** Opens the app's Home tab: `app_home_opened` is sent. */
  openHome(): Promise<Delivery>;
  /** A global shortcut. */
  runShortcut(callbackId: string, options?: GestureOptions): Promise<Delivery>;
  /** The open modal (`view_submission`) or legacy dialog (`dialog_submission`). */
  submit(options?: GestureOptions): Promise<Delivery>;
  /** Closes it; posts only if the app asked for that (`notify_on_close`, `notify_on_cancel`). */
  cancel(): Promise<Delivery | undefined>;
  /** The permission modal: all that it asks for, or some of it. */
  allow(scopes?: string[]): Promise<Delivery>;
  deny(): Promise<Delivery>;
  closePrompt(): void;

  /** The address of a link or url button by its label, in the open modal or the newest message having it. Throws, listing the links. */
  link(label: string): string;
  /** This person's browser: the same one in every workspace. */
  browser: Browser;

  prompt(): Prompt | undefined;
  surface(): Surface | undefined;
  /** The Home tab, once the app has published it. */
  home(): SeenHome | undefined;
  /** Ephemeral to this person, the DM with the app, and channels; oldest first. */
  messages(): SeenMessage[];
  lastMessage(): SeenMessage | undefined;
}

/** The permission modal on a person's screen. */
export interface Prompt {
  scopes: string[];
  appName: string;
}

/** The open modal or dialog on a person's screen, as text. */
export interface Surface {
  kind: 'modal' | 'dialog';
  title: string;
  texts: string[];
  /** By block_id (modal) or element name (dialog). '' holds what concerns the whole form. */
  errors: Record<string, string>;
  /** Labels of what can be filled in. */
  fields: string[];
}

/** The app's Home tab as a person sees it. */
export interface SeenHome {
  /** All visible text of the blocks from top to bottom, mrkdwn as sent. */
  texts: string[];
  buttons: string[];
}

export interface SeenMessage {
  ts: string;
  channel: string;
  ephemeral: boolean;
  /** The fallback text. */
  text: string;
  /** All visible text of the blocks joined by \n, mrkdwn as sent; the fallback text if there are no blocks. */
  plain: string;
  buttons: string[];
  blocks: unknown[];
}
