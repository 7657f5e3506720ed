import { isRateLimited } from '../rate-limit';
import { SLACK_FAULTS } from '../slack-errors';

/**
 * What the user can do about a request that Slack did not show:
 *
 * - `again`: press "Continue"; a fresh trigger can work
 * - `ask`: nothing, with these scopes or this account
 * - `admin`: tell an admin, who has to act
 * - `unknown`: quote the reference
 */
export type FailureKind = 'again' | 'ask' | 'admin' | 'unknown';

/** Every error that means that the trigger was no good, or that nothing came of it: all names in use at Slack, and ours. */
const AGAIN = new Set([
  'invalid_trigger',
  'invalid_trigger_id',
  'expired_trigger_id',
  'trigger_expired',
  'exchanged_trigger_id',
  'trigger_exchanged',
  'no_trigger',
  'no_time_left',
  'timeout',
  'network_error',
  'invalid_response',
]);

const ASK = new Set(['invalid_scope', 'invalid_user', 'user_is_bot', 'is_bot']);

/** What an operator is told to do, by Slack's error. */
const OPERATOR_ADVICE = new Map([
  ['not_authed', 'set SLACK_BOT_TOKEN'],
  ['not_installed', 'the app has no token for this workspace: install it at /slack/install'],
  [
    'invalid_auth',
    'SLACK_BOT_TOKEN is wrong, or calls from this address are not allowed: copy the token again from "OAuth & Permissions"',
  ],
  ['account_inactive', 'the app or its workspace was deleted: install the app again and set SLACK_BOT_TOKEN'],
  ['token_revoked', 'the app was removed from the workspace: install it again and set SLACK_BOT_TOKEN'],
  ['token_expired', 'the token has expired: install the app again and set SLACK_BOT_TOKEN'],
  ['invalid_refresh_token', 'the token cannot be renewed any more: install the app again at /slack/install'],
  [
    'secret_unreadable',
    'the stored token cannot be read: install the app again at /slack/install, and find out who changed the database',
  ],
  ['no_permission', 'the token may not ask for permissions: reinstall the app as a workspace app'],
  ['missing_scope', 'the token lacks a scope: add it to the app and install it again'],
  [
    'not_allowed_token_type',
    'SLACK_BOT_TOKEN is of the wrong kind: the Permissions API wants a workspace token',
  ],
  ['access_denied', 'the workspace does not let this app do it: ask its admins to approve the app'],
  ['ekm_access_denied', 'the workspace’s admins have suspended the app’s access: ask them'],
  ['team_access_not_granted', 'the app is not allowed in this workspace: ask the organisation’s admins'],
  [
    'org_login_required',
    'the workspace is moving to an Enterprise organisation: wait until the move is done',
  ],
  ['team_added_to_org', 'the workspace is moving to an Enterprise organisation: wait until the move is done'],
  [
    'unknown_method',
    'this workspace has no Permissions API, which Slack retired in 2021: set PERMISSIONS_BACKEND to oauth or auto',
  ],
  [
    'method_deprecated',
    'this workspace has no Permissions API, which Slack retired in 2021: set PERMISSIONS_BACKEND to oauth or auto',
  ],
  [
    'deprecated_endpoint',
    'this workspace has no Permissions API, which Slack retired in 2021: set PERMISSIONS_BACKEND to oauth or auto',
  ],
]);

/** Sorts an error of the exchange by who can do something about it. */
export function toFailureKind(error: string): FailureKind {
  if (AGAIN.has(error) || SLACK_FAULTS.has(error) || isRateLimited(0, error)) return 'again';
  if (/^http_(429|5\d\d)$/.test(error)) return 'again';
  if (ASK.has(error)) return 'ask';
  return OPERATOR_ADVICE.has(error) ? 'admin' : 'unknown';
}

/** What to write into the operator's log beside an `admin` failure. */
export function toOperatorAdvice(error: string): string | undefined {
  return OPERATOR_ADVICE.get(error);
}
