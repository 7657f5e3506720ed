import type { BackendKind } from '../config/catalog';
import type { Queryable } from '../database/schema';
import type { Failure } from '../slack/errors';
import type { Trigger } from '../slack/trigger';
import type { Workspace } from '../slack/workspace';
import type { ExchangeResult } from './exchange/exchange';

export interface PermissionPrompt {
  requestId: string;
  scopes: readonly string[];
  /** What the user has granted already. */
  held: readonly string[];
  trigger: Trigger;
}

/** What a user has granted, by Slack. */
export interface UserGrants {
  userId: string;
  scopes: string[];
}

/** Nothing is known of this user now. `error` says why, as in `ListResult`, or is `secret_unreadable`. */
export interface SkippedUser {
  userId: string;
  error: string;
}

/**
 * One page of who granted what. `error` is Slack's own word, or `timeout`, `network_error`, `http_NNN`, or
 * `malformed_page: …` where the answer is not what it should be: it must never read as "nobody granted anything".
 */
export type ListResult =
  | {
      ok: true;
      users: UserGrants[];
      /** Their grants stay as they are. */
      skipped: SkippedUser[];
      nextCursor: string | undefined;
      /** Seconds, by Slack's clock: the time of the oldest answer in it. */
      time: number;
      /** Stores what the page says of the tokens themselves, in the transaction that writes the page. */
      settle?(tx: Queryable): Promise<void>;
    }
  | Failure;

/** PORT: how a permission request reaches the user, and how Slack is asked what was granted. */
export interface PermissionsBackend {
  /** Exchanges the trigger for a prompt on the user's screen. `ok: true` says that it was shown, not what was answered. */
  request(prompt: PermissionPrompt): Promise<ExchangeResult>;
  /** Which of them serves the workspace; undefined where that is not known yet. */
  kind(workspace: Workspace): Promise<BackendKind | undefined>;
  list(page: {
    workspace: Workspace;
    cursor: string | undefined;
    limit: number;
    /** A fault on the way to Slack is not worth trying again: where it concerns one user, that one is skipped. */
    isLastTry?: boolean;
  }): Promise<ListResult>;
}
