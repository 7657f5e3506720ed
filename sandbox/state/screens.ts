import type { JsonObject, StateValues } from '../types';

/** How many views may lie on each other. */
export const STACK_MAX = 3;

/** A view on someone's screen. */
export interface OpenView {
  /** As the app sent it, with the ids that Slack gave it. */
  view: JsonObject;
  id: string;
  values: StateValues;
  /** By block_id; '' is for the whole form. */
  errors: Record<string, string>;
}

export interface OpenDialog {
  id: string;
  dialog: JsonObject;
  channel: string;
  /** By element name. */
  values: Record<string, string>;
  errors: Record<string, string>;
}

export interface Screen {
  userId: string;
  /** The permission modal, and the trigger that brought it. */
  prompt: { scopes: string[]; triggerId: string } | undefined;
  /** The modal on top is the last one. */
  stack: OpenView[];
  /** Lies over any modal. */
  dialog: OpenDialog | undefined;
  /** The app's home tab, if it published one. */
  home: OpenView | undefined;
  /** The last trigger that the app exchanged for a permission modal. */
  lastPromptTriggerId: string | undefined;
}

export type Screens = ReturnType<typeof createScreens>;

/** What stands on each person's screen beside the messages. */
export function createScreens() {
  const screens = new Map<string, Screen>();

  function of(userId: string): Screen {
    const existing = screens.get(userId);
    if (existing) return existing;
    const screen: Screen = {
      userId,
      prompt: undefined,
      stack: [],
      dialog: undefined,
      home: undefined,
      lastPromptTriggerId: undefined,
    };
    screens.set(userId, screen);
    return screen;
  }

  /** The view that matches, and whose screen it is on. */
  function findView(matches: (open: OpenView) => boolean): { screen: Screen; open: OpenView } | undefined {
    for (const screen of screens.values()) {
      const views = screen.home ? [...screen.stack, screen.home] : screen.stack;
      const open = views.find(matches);
      if (open) return { screen, open };
    }
    return undefined;
  }

  return { of, findView };
}

export function topView(screen: Screen): OpenView | undefined {
  return screen.stack.at(-1);
}
