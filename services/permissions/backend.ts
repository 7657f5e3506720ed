import type { ExchangeResult } from '../trigger/exchange';
import type { Trigger } from '../trigger/trigger';

/** What is asked of the user who made the trigger. */
export interface PermissionPrompt {
  requestId: string;
  scopes: readonly string[];
  trigger: Trigger;
}

/** PORT: how a permission request reaches the user. */
export interface PermissionsBackend {
  /** Exchanges the trigger for a prompt on the user's screen. `ok: true` says that it was shown, not what was answered. */
  request(prompt: PermissionPrompt): Promise<ExchangeResult>;
}
