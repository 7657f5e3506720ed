import type { BackendKind } from '../config/catalog';
import { SLACK_FAULTS } from '../slack/errors';
import { isRateLimited } from '../slack/rate-limit';

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

const INSTALL_AGAIN = 'install it again at /slack/install, or set SLACK_BOT_TOKEN anew where it is set';
const RETIRED =
  'this workspace has no Permissions API, which Slack retired in 2021: set PERMISSIONS_BACKEND to oauth or auto';

/** What an operator is told to do, by Slack's error. */
const OPERATOR_ADVICE = new Map([
  ['not_authed', `the app has no token: ${INSTALL_AGAIN}`],
  ['not_installed', 'the app has no token for this workspace: install it at /slack/install'],
  [
    'invalid_auth',
    `calls from this address are not allowed (see the app’s settings, "OAuth & Permissions", "Restrict API Token Usage"), or the app’s token is wrong: ${INSTALL_AGAIN}`,
  ],
  ['account_inactive', `the app or its workspace was deleted: ${INSTALL_AGAIN}`],
  ['token_revoked', `the app was removed from the workspace: ${INSTALL_AGAIN}`],
  ['token_expired', `the app’s token has expired: ${INSTALL_AGAIN}`],
  ['invalid_refresh_token', 'the token cannot be renewed any more: install the app again at /slack/install'],
  [
    'secret_unreadable',
    'the stored token cannot be read: install the app again at /slack/install, and find out who changed the database',
  ],
  ['no_permission', `the app’s token may not do this: ${INSTALL_AGAIN}`],
  ['missing_scope', 'the token lacks a scope: add it to the app and install it again'],
  ['not_allowed_token_type', 'SLACK_BOT_TOKEN is of the wrong kind: it is to be the bot token (xoxb-…)'],
  ['access_denied', 'the workspace does not let this app do it: ask its admins to approve the app'],
  ['ekm_access_denied', 'the workspace’s admins have suspended the app’s access: ask them'],
  ['team_access_not_granted', 'the app is not allowed in this workspace: ask the organisation’s admins'],
  [
    'org_login_required',
    'the workspace is moving to an Enterprise organisation: wait until the move is done',
  ],
  ['team_added_to_org', 'the workspace is moving to an Enterprise organisation: wait until the move is done'],
  ['unknown_method', 'Slack does not know the method: check SLACK_API_URL'],
  ['method_deprecated', 'Slack has retired the method: a newer version of Scopekeeper is needed'],
  ['deprecated_endpoint', 'Slack has retired the method: a newer version of Scopekeeper is needed'],
]);

/** The same, where the Permissions API is asked. */
const NATIVE_ADVICE = new Map([
  ['no_permission', 'the token may not ask for permissions: reinstall the app as a workspace app'],
  [
    'not_allowed_token_type',
    'SLACK_BOT_TOKEN is of the wrong kind: the Permissions API wants a workspace token',
  ],
  ['unknown_method', RETIRED],
  ['method_deprecated', RETIRED],
  ['deprecated_endpoint', RETIRED],
]);

/** Sorts an error of the exchange by who can do something about it. */
export function toFailureKind(error: string): FailureKind {
  if (AGAIN.has(error) || SLACK_FAULTS.has(error) || isRateLimited(0, error)) return 'again';
  if (/^http_(429|5\d\d)$/.test(error)) return 'again';
  if (ASK.has(error)) return 'ask';
  return OPERATOR_ADVICE.has(error) ? 'admin' : 'unknown';
}

/** What to write into the operator's log beside an `admin` failure, by the backend that was at work. */
export function toOperatorAdvice(error: string, backend: BackendKind | undefined): string | undefined {
  return (backend === 'native' ? NATIVE_ADVICE.get(error) : undefined) ?? OPERATOR_ADVICE.get(error);
}
