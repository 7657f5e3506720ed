import type { SandboxUser } from './driver';
import type { JsonObject } from './json';
import type { Prompt, SeenMessage } from './person';

/** What an input holds, as Slack writes it in `state.values`: `{ type, value | selected_option | selected_options | … }`. */
export type ElementState = JsonObject;

/** block_id → action_id → state. */
export type StateValues = Record<string, Record<string, ElementState>>;

export interface ClientMessage extends SeenMessage {
  /** Who wrote it: the app's bot user, or Slackbot (`USLACKBOT`) when the app did not answer. */
  author: { id: string; name: string };
  /** Ms on the sandbox's clock. */
  at: number;
  edited: boolean;
  /** What this person has set in its inputs, over their initial values. */
  values: StateValues;
}

/** The modal on top of this person's stack; `view` is what the app sent, with ids and defaults filled in by Slack. */
export interface ClientModal {
  kind: 'modal';
  id: string;
  view: JsonObject;
  values: StateValues;
  /** By block_id; '' holds what concerns the whole form. */
  errors: Record<string, string>;
  /** How many views lie on the stack, this one included. */
  depth: number;
}

/** The app's Home tab; `view` is what the app published, with ids filled in by Slack. */
export interface ClientHome {
  id: string;
  view: JsonObject;
  values: StateValues;
  /** '' holds what concerns the whole tab. */
  errors: Record<string, string>;
}

/** The legacy dialog; `dialog` is what the app sent: callback_id, title, submit_label, elements, state, notify_on_cancel. */
export interface ClientDialog {
  kind: 'dialog';
  id: string;
  dialog: JsonObject;
  /** By element name. */
  values: Record<string, string>;
  /** By element name; '' holds what concerns the whole form. */
  errors: Record<string, string>;
}

export type ClientSurface = ClientModal | ClientDialog;

/** One line of what went over the wire, newest last. */
export interface ClientLogLine {
  at: number;
  /** `call`: the app called Slack. Others: Slack posted to the app. */
  kind: 'call' | 'command' | 'interaction' | 'event';
  /** The method, the command, the interaction's type or the event's type. */
  name: string;
  /** Who it concerns, where that is known. */
  user?: string;
  /** The HTTP status; undefined: no answer (yet). */
  status?: number;
  /** `ok`, Slack's error name, or why there was no answer; `waiting` while there is none yet. */
  outcome: string;
  attempt: number;
  /** Undefined for calls. */
  durationMs?: number;
  /** For calls that use up a trigger: how old it was. */
  triggerAgeMs?: number;
  /** What matters of the arguments, short: scopes, text of a command. */
  detail: string;
}

export interface ClientState {
  team: { id: string; name: string; domain: string };
  appName: string;
  users: SandboxUser[];
  /** The user id that the state was asked for. */
  me: string;
  /** Where a command can be typed: #general and the DM with the app. */
  channels: { id: string; name: string; isIm: boolean }[];
  /** The slash commands and global shortcuts of the manifest. */
  commands: { command: string; description: string; usageHint: string }[];
  shortcuts: { callbackId: string; name: string; description: string }[];
  messages: ClientMessage[];
  prompt: Prompt | null;
  surface: ClientSurface | null;
  /** Null before the app has published it. */
  home: ClientHome | null;
  /** What Slack holds: user id → scopes, sorted; every human user is a key. */
  granted: Record<string, string[]>;
  log: ClientLogLine[];
}

/** `POST /client/do`. Each acts exactly like the Person method of the same name. */
export type ClientDo = { user: string } & (
  | {
      do: 'command';
      command: string;
      text?: string;
      /** Where it is typed; default #general. */
      channel?: string;
    }
  /** Any interactive element: a button, or a select in a section or actions block, which Slack reports on each change. */
  | {
      do: 'press';
      /** One of the two says where the element is. */
      messageTs?: string;
      viewId?: string;
      blockId: string;
      actionId: string;
      /** What the inputs hold now; those left out keep what they held. */
      values?: StateValues;
    }
  | { do: 'open_home' }
  | { do: 'shortcut'; callbackId: string }
  | {
      do: 'submit';
      /** The open modal's inputs. */
      values?: StateValues;
      /** The open dialog's fields by element name. */
      submission?: Record<string, string>;
    }
  | { do: 'cancel' }
  | { do: 'allow'; scopes?: string[] }
  | { do: 'deny' }
  | { do: 'close_prompt' }
  | { do: 'take_back' }
);

/** Sent when the app's answer is in (`delivery` is null where nothing is posted). Refusals come with HTTP 400. */
export type ClientDone =
  | { ok: true; delivery: { status: number | null; error: string | null; durationMs: number } | null }
  | { ok: false; error: string };

// `GET /client/changes` is a stream of server-sent events: `event: change`, `data: <a number that grows>`.
