import {
  type AllMiddlewareArgs,
  type AnyMiddlewareArgs,
  type BlockAction,
  type DialogSubmitAction,
  type GlobalShortcut,
  ReceiverMultipleAckError,
  type SlackActionMiddlewareArgs,
  type SlackCommandMiddlewareArgs,
  type SlackShortcutMiddlewareArgs,
  type SlackViewMiddlewareArgs,
  type ViewSubmitAction,
} from '@slack/bolt';

export type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;
export type ActionArgs = SlackActionMiddlewareArgs<BlockAction> & AllMiddlewareArgs;
export type DialogArgs = SlackActionMiddlewareArgs<DialogSubmitAction> & AllMiddlewareArgs;
export type ViewArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;
export type ShortcutArgs = SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs;
/** Each event's listener narrows the body itself: see `events/payloads.ts`. */
export interface EventArgs {
  body: unknown;
}

type Args = AnyMiddlewareArgs & AllMiddlewareArgs;
type Listener<T> = (args: T) => Promise<void>;
type Listeners<T> = Readonly<Record<string, Listener<T>>>;

/** Listeners by kind, and by the command, `action_id`, `callback_id` or event type that Slack sends. */
export interface ListenerTable {
  commands: Listeners<CommandArgs>;
  actions: Listeners<ActionArgs>;
  dialogs: Listeners<DialogArgs>;
  views: Listeners<ViewArgs>;
  shortcuts: Listeners<ShortcutArgs>;
  events: Listeners<EventArgs>;
}

/**
 * The first middleware of the chain: finds the listener by kind and name. Bolt would ask every listener of the app in turn,
 * and copy the arguments for each, which takes longer than all other work from a trigger's arrival to its exchange.
 *
 * Bodies that are not in the table, and all events, go on to listeners that were added with `app.command(…)` and the like. A
 * gesture that no listener acknowledges (a link button, an old message's button, a closed modal) is acknowledged here: Slack
 * would tell the user that the app did not respond.
 */
export function createRouter({ commands, actions, dialogs, views, shortcuts, events }: ListenerTable) {
  const listeners = new Map([
    ...toEntries('command', commands, isCommand),
    ...toEntries('block_actions', actions, isBlockAction),
    ...toEntries('dialog_submission', dialogs, isDialog),
    ...toEntries('view_submission', views, isView),
    ...toEntries('shortcut', shortcuts, isShortcut),
    ...toEntries<Args>('event_callback', events, isEvent),
  ]);

  return async (args: Args): Promise<void> => {
    const listener = listeners.get(toRoute(args.body));
    if ('event' in args) {
      await listener?.(args);
      return args.next();
    }
    try {
      // Each of ours acknowledges.
      if (listener !== undefined) return await listener(args);
      await args.next();
    } catch (error) {
      await acknowledge(args);
      throw error;
    }
    await acknowledge(args);
  };
}

/** Kind and name of a body, such as `command /permissions`. */
export function toRoute(body: object): string {
  const { type, command, callback_id, view, event, actions }: Named = body;
  if (command !== undefined) return `command ${command}`;
  if (type === 'block_actions') return `${type} ${actions?.[0]?.action_id}`;
  if (type === 'event_callback') return `${type} ${event?.type}`;
  return `${type} ${type === 'view_submission' ? view?.callback_id : callback_id}`;
}

/** The fields that name a body's listener. The receiver has narrowed them. */
interface Named {
  type?: string;
  command?: string;
  callback_id?: string;
  view?: { callback_id?: string };
  event?: { type: string };
  actions?: { action_id?: string }[];
}

/** The route is read from the body; `isKind` checks what Bolt made of it. */
function toEntries<T extends Args>(
  kind: string,
  listeners: Listeners<T>,
  isKind: (args: Args) => args is T,
): [string, Listener<Args>][] {
  return Object.entries(listeners).map(([name, listener]) => [
    `${kind} ${name}`,
    async (args) => (isKind(args) ? listener(args) : args.next()),
  ]);
}

function isCommand(args: Args): args is CommandArgs {
  return 'command' in args;
}

function isBlockAction(args: Args): args is ActionArgs {
  return 'action' in args && args.body.type === 'block_actions';
}

function isDialog(args: Args): args is DialogArgs {
  return 'action' in args && args.body.type === 'dialog_submission';
}

function isView(args: Args): args is ViewArgs {
  return 'view' in args && args.body.type === 'view_submission';
}

function isShortcut(args: Args): args is ShortcutArgs {
  return 'shortcut' in args && args.shortcut.type === 'shortcut';
}

function isEvent(args: Args): args is Args {
  return 'event' in args;
}

async function acknowledge(args: Args): Promise<void> {
  if (!('ack' in args) || args.ack === undefined) return;
  try {
    // Typed by what each kind of gesture may be answered with; nothing is an answer to all of them.
    const ack: () => Promise<void> = args.ack;
    await ack();
  } catch (error) {
    if (!(error instanceof ReceiverMultipleAckError)) throw error;
  }
}
