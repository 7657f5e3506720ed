import type { View } from '@slack/web-api';
import type { Background } from '../runtime/background';
import type { Logger } from '../runtime/logger';
import { toOperatorAdvice, toRemedy } from '../slack/errors';
import type { Trigger } from '../slack/trigger';
import type { PermissionsBackend } from './backend';
import type { ExchangeResult } from './exchange/exchange';
import type { QueueTicket } from './queue/queue';
import type { PermissionRequest } from './requests/store';

/** What became of an ask. Every member is something that the user is shown, or has been. */
export type AskOutcome =
  /** Slack's own prompt is on the user's screen; or the `view` is, as soon as the submission of a modal is answered with it. */
  | { kind: 'shown'; request: PermissionRequest; view?: View }
  /** Nothing was chosen. Slack was not called. */
  | { kind: 'nothing_chosen' }
  /** Some scopes are not in the catalog, or not for this backend, so none is asked for. Slack was not called. */
  | { kind: 'not_in_catalog'; unknownScopes: string[] }
  /** The user holds them all. Slack was not called. */
  | { kind: 'already_granted'; scopes: string[] }
  /** Slack has shown the user this very prompt, and awaits the answer. It was not called again. */
  | { kind: 'already_asked'; request: PermissionRequest }
  /** Slack limits the rate: the request has a position in the queue, and is called later. */
  | { kind: 'queued'; request: PermissionRequest; ticket: QueueTicket; perMinute: number }
  /** Nothing was shown, and a fresh trigger can change that. `error` says why; `no_trigger` is no fault. */
  | { kind: 'continue'; request: PermissionRequest; error: string }
  /** Slack refuses these scopes, or this user. */
  | { kind: 'refused'; request: PermissionRequest; error: string }
  /** Nothing works until an admin acts. */
  | { kind: 'admin_must_act'; request: PermissionRequest; error: string }
  /** It failed for a reason that nobody foresaw; the request's id is the reference. */
  | { kind: 'failed'; request: PermissionRequest; error: string }
  /** A "Continue" whose request is gone, or is another user's. Slack was not called. */
  | { kind: 'request_not_found' };

/** Turns the result of an exchange into what the user is shown, and logs it for the operator. */
export function createToOutcome({
  backend,
  background,
  logger,
}: {
  backend: Pick<PermissionsBackend, 'kind'>;
  background: Background;
  logger: Logger;
}) {
  return (request: PermissionRequest, trigger: Trigger, result: ExchangeResult): AskOutcome => {
    const about = {
      request_id: request.id,
      team_id: request.teamId,
      user_id: request.userId,
      trigger_source: trigger.source,
    };
    if (result.ok) {
      if (result.warning !== undefined)
        logger.warn({ ...about, warning: result.warning }, 'slack warned about a permission request');
      logger.info({ ...about, scopes: request.scopes }, 'permission requested');
      return { kind: 'shown', request, ...(result.view && { view: result.view }) };
    }
    const { error } = result;
    const remedy = toRemedy(result.cause);
    if (remedy !== 'admin') logger.warn({ ...about, error }, 'permission request failed');
    switch (remedy) {
      case 'again':
        return { kind: 'continue', request, error };
      case 'ask':
        return { kind: 'refused', request, error };
      case 'admin':
        background.run('advice', async () => {
          const advice = toOperatorAdvice(error, await backend.kind(request));
          logger.error({ ...about, error, advice }, 'permission request refused: operator action needed');
        });
        return { kind: 'admin_must_act', request, error };
      case 'unknown':
        return { kind: 'failed', request, error };
    }
  };
}
