import type { BackendKind } from '../catalog';
import type { ExchangeResult } from '../trigger/exchange';
import type { Trigger } from '../trigger/trigger';
import type { Workspace } from '../workspace';

/** What is asked of the user who made the trigger. */
export interface PermissionPrompt {
  requestId: string;
  scopes: readonly string[];
  /** What the user has granted before. */
  held: readonly string[];
  trigger: Trigger;
}

/** What a user has granted, by Slack. */
export interface UserGrants {
  userId: string;
  scopes: string[];
}

/**
 * One page of who granted what. `error` is Slack's own word, or `timeout`, `network_error`, `http_NNN`, or
 * `malformed_page: …` where the answer is not what it should be: it must never read as "nobody granted anything".
 */
export type ListResult =
  | {
      ok: true;
      users: UserGrants[];
      nextCursor: string | undefined;
      /** Seconds, by Slack's clock: as old as the oldest word in it. */
      time: number;
    }
  | { ok: false; error: string; retryAfterMs: number | undefined };

/** PORT: how a permission request reaches the user, and how Slack is asked what was granted. */
export interface PermissionsBackend {
  /** Exchanges the trigger for a prompt on the user's screen. `ok: true` says that it was shown, not what was answered. */
  request(prompt: PermissionPrompt): Promise<ExchangeResult>;
  /** Which of them serves the workspace; undefined where that is not known yet. */
  kind(workspace: Workspace): Promise<BackendKind | undefined>;
  list(page: { workspace: Workspace; cursor: string | undefined; limit: number }): Promise<ListResult>;
}
