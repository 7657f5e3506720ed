import { fillInIds } from '../blocks/elements';
import { visibleTexts } from '../blocks/texts';
import type { JsonObject, SandboxClock, StateValues } from '../types';
import type { Ids } from './ids';

const MESSAGES_KEPT = 2_000;

export interface StoredMessage {
  ts: string;
  channel: string;
  /** The only person who sees it; undefined: all who are in the channel. */
  ephemeralTo: string | undefined;
  author: string;
  text: string;
  blocks: JsonObject[];
  at: number;
  edited: boolean;
  /** What each person has set in its inputs. */
  values: Map<string, StateValues>;
}

export interface MessageContent {
  text: string;
  blocks: unknown;
}

export type Messages = ReturnType<typeof createMessages>;

interface Dependencies {
  clock: SandboxClock;
  ids: Ids;
  changed: () => void;
  /** Where they are kept: workspaces of one organisation share it, since their people have one DM in all of them. */
  shelf: StoredMessage[];
  /** The ids of the channels that this person is in. */
  channelsOf: (userId: string) => string[];
}

export function createMessages({ clock, ids, changed, shelf: messages, channelsOf }: Dependencies) {
  function add(
    place: { channel: string; author: string; ephemeralTo?: string },
    content: MessageContent,
  ): StoredMessage {
    const message: StoredMessage = {
      ts: ids.nextTs(),
      channel: place.channel,
      ephemeralTo: place.ephemeralTo,
      author: place.author,
      text: content.text,
      blocks: fillInIds(content.blocks, ids.short),
      at: clock.now(),
      edited: false,
      values: new Map(),
    };
    messages.push(message);
    if (messages.length > MESSAGES_KEPT) messages.shift();
    changed();
    return message;
  }

  /** What the person had set stays where block and action keep their ids, as in Slack. */
  function replace(message: StoredMessage, content: MessageContent): void {
    message.text = content.text;
    message.blocks = fillInIds(content.blocks, ids.short);
    // Slack shows "(edited)" only where text was changed.
    message.edited ||= message.blocks.length === 0;
    changed();
  }

  function remove(message: StoredMessage): void {
    const at = messages.indexOf(message);
    if (at >= 0) messages.splice(at, 1);
    changed();
  }

  function isVisible(message: StoredMessage, userId: string): boolean {
    if (message.ephemeralTo !== undefined && message.ephemeralTo !== userId) return false;
    return channelsOf(userId).includes(message.channel);
  }

  return {
    add,
    replace,
    remove,
    find: (ts: string): StoredMessage | undefined => messages.find((message) => message.ts === ts),
    visibleTo: (userId: string) => messages.filter((message) => isVisible(message, userId)),
  };
}

/** All that can be read in it; without blocks, the text. */
export function toPlain(message: StoredMessage): string {
  return message.blocks.length > 0 ? visibleTexts(message.blocks).join('\n') : message.text;
}
