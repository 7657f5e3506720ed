import { isObject, parseJson, toText } from '../json';
import type { Token } from '../state/authorizations';
import type { Slack } from '../state/slack';
import type { Workspace } from '../state/workspace';
import type { JsonObject } from '../types';
import type { Events } from '../wire/events';

/** A Web API method: arguments in, answer out. Refusals are answers, too. */
export interface Method {
  run(workspace: Workspace, args: MethodArgs, caller: Caller): JsonObject;
  /** Takes `application/json`. */
  acceptsJson: boolean;
  /** Called with the app-level token (`xapp-…`); all others take the bot's. */
  takesAppToken?: true;
  /** Takes a user's token as well as the bot's. */
  takesUserToken?: true;
  /** Takes a refresh token as well. */
  takesRefreshToken?: true;
  /** Called without any: the app says by its secret who it is. */
  takesNoToken?: true;
  /** Went away together with workspace apps: today's Slack says `method_deprecated`. */
  isOfWorkspaceApps?: true;
  /** An organisation's token calls it for the organisation, not for one of its workspaces. */
  isOfOrganisation?: true;
  /** The bot scope that the app must have in its manifest; undefined: none. */
  scope?: string;
  /** Any other argument is refused; undefined: others are ignored. */
  argNames?: string[];
  /** Calls a minute; undefined: not limited here. */
  perMinute?: number;
}

/** Who calls, and what a method can set going beyond its workspace. */
export interface Caller {
  slack: Slack;
  events: Events;
  token: Token | undefined;
  /** The header of that name, '' if there is none. */
  authorization: string;
}

export interface MethodArgs {
  /** '' if there is none. */
  text(name: string): string;
  /** An object or array: as JSON text in a form, as itself in JSON. */
  json(name: string): unknown;
  flag(name: string): boolean;
  has(name: string): boolean;
}

export function createMethodArgs(values: JsonObject): MethodArgs {
  return {
    text: (name) => {
      const value = values[name];
      return typeof value === 'number' ? String(value) : toText(value);
    },
    json: (name) => {
      const value = values[name];
      return typeof value === 'string' ? parseJson(value) : value;
    },
    flag: (name) => [true, 'true', '1', 1].some((yes) => values[name] === yes),
    has: (name) => values[name] !== undefined && values[name] !== '',
  };
}

/** `{"ok":false}`; messages say more, as Slack puts them in `response_metadata`. */
export function refuse(error: string, messages?: string[]): JsonObject {
  if (!messages) return { ok: false, error };
  return { ok: false, error, response_metadata: { messages } };
}

/** The view or dialog argument, if it is an object. */
export function objectArg(args: MethodArgs, name: string): JsonObject | undefined {
  const value = args.json(name);
  return isObject(value) ? value : undefined;
}
