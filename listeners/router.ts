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
type Listeners<T> = Readonly<Record<string, (args: T) => Promise<void>>>;

/** Who takes what Slack sends, by the name that Slack gives back. */
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
 * and copy the arguments for each, which takes longer than all the rest of the way of a trigger.
 *
 * What is not in the table goes on to listeners that were added with `app.command(…)` and the like; so does every event.
 * What none of them acknowledges is acknowledged here (a link button, an old message's button, a closed modal): Slack
 * would tell the user that the app did not respond.
 */
export function createRouter(table: ListenerTable) {
  const find = createFinder(table);

  return async (args: Args): Promise<void> => {
    const listener = find(args);
    if ('event' in args) {
      await listener?.();
      return args.next();
    }
    try {
      await (listener === undefined ? args.next() : listener());
    } finally {
      if ('ack' in args && args.ack !== undefined) await acknowledge(args.ack);
    }
  };
}

function createFinder(table: ListenerTable) {
  const [commands, actions, dialogs, views, shortcuts, events] = [
    toMap(table.commands),
    toMap(table.actions),
    toMap(table.dialogs),
    toMap(table.views),
    toMap(table.shortcuts),
    toMap(table.events),
  ];

  return (args: Args): (() => Promise<void>) | undefined => {
    if ('event' in args) return bind(events.get(args.event.type), args);
    if ('command' in args) return bind(commands.get(args.command.command), args);
    if (isBlockAction(args)) return bind(actions.get(args.action.action_id), args);
    if (isDialogSubmission(args)) return bind(dialogs.get(args.body.callback_id), args);
    if (isViewSubmission(args)) return bind(views.get(args.view.callback_id), args);
    if (isGlobalShortcut(args)) return bind(shortcuts.get(args.shortcut.callback_id), args);
    return undefined;
  };
}

/** A name that Slack gives back may be any text: `constructor`, too. */
function toMap<T>(listeners: Listeners<T>): ReadonlyMap<string, (args: T) => Promise<void>> {
  return new Map(Object.entries(listeners));
}

function bind<T>(listener: ((args: T) => Promise<void>) | undefined, args: T) {
  return listener && (() => listener(args));
}

function isBlockAction(args: Args): args is ActionArgs {
  return 'action' in args && args.body.type === 'block_actions';
}

function isDialogSubmission(args: Args): args is DialogArgs {
  return 'action' in args && args.body.type === 'dialog_submission';
}

function isViewSubmission(args: Args): args is ViewArgs {
  return 'view' in args && args.body.type === 'view_submission';
}

function isGlobalShortcut(args: Args): args is ShortcutArgs {
  return 'shortcut' in args && args.shortcut.type === 'shortcut';
}

async function acknowledge(ack: () => Promise<void>): Promise<void> {
  try {
    await ack();
  } catch (error) {
    if (!(error instanceof ReceiverMultipleAckError)) throw error;
  }
}
