import type { BackendKind } from '../config/catalog';

/** What an error of a call to Slack means. Everything else follows from it: see `MEANINGS`. */
export type ErrorCause =
  /** Nothing was sent: the gesture brought no trigger, or too little time was left. */
  | 'not_sent'
  /** Slack does not take this trigger: it is expired, used or unknown. */
  | 'bad_trigger'
  /** Slack could not be reached, did not answer in time, or something on the way answered with a 5xx. */
  | 'unreachable'
  /** A success that is no answer of the Web API. */
  | 'garbled'
  /** Another status that is no success, without an answer of the Web API. */
  | 'other_status'
  /** Slack had a fault. Part of the call may have succeeded: https://docs.slack.dev/reference/methods */
  | 'slack_fault'
  | 'rate_limited'
  /** Slack refuses these scopes, or this user. */
  | 'refused_request'
  /** The app holds no token for this workspace. */
  | 'not_installed'
  /** The token, and all that was granted with it, is over. No other word of Slack's says that. */
  | 'token_ended'
  | 'token_expired'
  /**
   * The token may be over. But `invalid_auth` also means that this address may not call, and a refused refresh token may
   * have been used up by an answer that never arrived.
   */
  | 'token_in_doubt'
  /** The app, its token or its workspace is not allowed to do this. */
  | 'not_allowed'
  /** The workspace is moving into an Enterprise organisation. */
  | 'moving'
  /** Slack does not offer this method, or not to tokens of this kind. */
  | 'retired'
  /** A word that is not in the table. */
  | 'unknown';

/**
 * What can be done about a call that came to nothing:
 *
 * - `again`: the user tries again; a fresh trigger can work
 * - `ask`: nothing, with these scopes or this account
 * - `admin`: an admin has to act
 * - `unknown`: the user quotes the reference
 */
export type Remedy = 'again' | 'ask' | 'admin' | 'unknown';

interface Meaning {
  remedy: Remedy;
  /** Slack did not clearly say no: what the call opens may be on the user's screen. */
  mayBeShown?: true;
  /** It passes by itself, and says nothing about the token or the workspace: the same call may work later. */
  passes?: true;
}

const MEANINGS: Readonly<Record<ErrorCause, Meaning>> = {
  not_sent: { remedy: 'again' },
  bad_trigger: { remedy: 'again' },
  unreachable: { remedy: 'again', mayBeShown: true, passes: true },
  garbled: { remedy: 'again', mayBeShown: true, passes: true },
  other_status: { remedy: 'unknown' },
  slack_fault: { remedy: 'again', mayBeShown: true, passes: true },
  rate_limited: { remedy: 'again', passes: true },
  refused_request: { remedy: 'ask' },
  not_installed: { remedy: 'admin' },
  token_ended: { remedy: 'admin' },
  token_expired: { remedy: 'admin' },
  token_in_doubt: { remedy: 'admin' },
  not_allowed: { remedy: 'admin' },
  moving: { remedy: 'admin' },
  retired: { remedy: 'admin' },
  unknown: { remedy: 'unknown' },
};

/** Where a trigger ran out: before it was sent, while Slack did not answer, or by Slack's clock. */
export type ExpiredWhere = 'here' | 'on_the_way' | 'at_slack';

interface Word {
  cause: ErrorCause;
  ranOut?: ExpiredWhere;
  /** What an operator is told to do. */
  advice?: string;
  /** The same, where it differs under the `native` backend. */
  nativeAdvice?: string;
}

const INSTALL_AGAIN = 'install it again at /slack/install, or set SLACK_BOT_TOKEN anew where it is set';
const NOT_RENEWED = 'the token cannot be renewed any more: install the app again at /slack/install';
const MOVING = 'the workspace is moving to an Enterprise organisation: wait until the move is done';
const RETIRED = 'Slack has retired the method: a newer version of Scopekeeper is needed';
const NO_PERMISSIONS_API =
  'this workspace has no Permissions API, which Slack retired in 2021: set PERMISSIONS_BACKEND to oauth or auto';

/** Every word that is known, Slack's and ours. `http_NNN` goes by rule, see `toCause`. */
const WORDS = {
  no_trigger: { cause: 'not_sent' },
  no_time_left: { cause: 'not_sent', ranOut: 'here' },
  timeout: { cause: 'unreachable', ranOut: 'on_the_way' },
  network_error: { cause: 'unreachable' },
  invalid_response: { cause: 'garbled' },
  fatal_error: { cause: 'slack_fault' },
  internal_error: { cause: 'slack_fault' },
  request_timeout: { cause: 'slack_fault' },
  service_unavailable: { cause: 'slack_fault' },
  ratelimited: { cause: 'rate_limited' },
  rate_limited: { cause: 'rate_limited' },
  invalid_trigger: { cause: 'bad_trigger' },
  invalid_trigger_id: { cause: 'bad_trigger' },
  expired_trigger_id: { cause: 'bad_trigger', ranOut: 'at_slack' },
  trigger_expired: { cause: 'bad_trigger', ranOut: 'at_slack' },
  exchanged_trigger_id: { cause: 'bad_trigger' },
  trigger_exchanged: { cause: 'bad_trigger' },
  invalid_scope: { cause: 'refused_request' },
  invalid_user: { cause: 'refused_request' },
  user_is_bot: { cause: 'refused_request' },
  is_bot: { cause: 'refused_request' },
  not_installed: {
    cause: 'not_installed',
    advice: 'the app has no token for this workspace: install it at /slack/install',
  },
  not_authed: { cause: 'not_allowed', advice: `the app has no token: ${INSTALL_AGAIN}` },
  token_revoked: {
    cause: 'token_ended',
    advice: `the app was removed from the workspace: ${INSTALL_AGAIN}`,
  },
  account_inactive: {
    cause: 'token_ended',
    advice: `the app or its workspace was deleted: ${INSTALL_AGAIN}`,
  },
  token_expired: { cause: 'token_expired', advice: `the app’s token has expired: ${INSTALL_AGAIN}` },
  invalid_auth: {
    cause: 'token_in_doubt',
    advice: `calls from this address are not allowed (see the app’s settings, "OAuth & Permissions", "Restrict API Token Usage"), or the app’s token is wrong: ${INSTALL_AGAIN}`,
  },
  invalid_refresh_token: { cause: 'token_in_doubt', advice: NOT_RENEWED },
  invalid_grant: { cause: 'token_in_doubt', advice: NOT_RENEWED },
  secret_unreadable: {
    cause: 'not_allowed',
    advice:
      'the stored token cannot be read: install the app again at /slack/install, and find out who changed the database',
  },
  no_permission: {
    cause: 'not_allowed',
    advice: `the app’s token may not do this: ${INSTALL_AGAIN}`,
    nativeAdvice: 'the token may not ask for permissions: reinstall the app as a workspace app',
  },
  missing_scope: {
    cause: 'not_allowed',
    advice: 'the token lacks a scope: add it to the app and install it again',
  },
  access_denied: {
    cause: 'not_allowed',
    advice: 'the workspace does not let this app do it: ask its admins to approve the app',
  },
  ekm_access_denied: {
    cause: 'not_allowed',
    advice: 'the workspace’s admins have suspended the app’s access: ask them',
  },
  team_access_not_granted: {
    cause: 'not_allowed',
    advice: 'the app is not allowed in this workspace: ask the organisation’s admins',
  },
  org_login_required: { cause: 'moving', advice: MOVING },
  team_added_to_org: { cause: 'moving', advice: MOVING },
  not_allowed_token_type: {
    cause: 'retired',
    advice: 'SLACK_BOT_TOKEN is of the wrong kind: it is to be the bot token (xoxb-…)',
    nativeAdvice: 'SLACK_BOT_TOKEN is of the wrong kind: the Permissions API wants a workspace token',
  },
  unknown_method: {
    cause: 'retired',
    advice: 'Slack does not know the method: check SLACK_API_URL',
    nativeAdvice: NO_PERMISSIONS_API,
  },
  method_deprecated: { cause: 'retired', advice: RETIRED, nativeAdvice: NO_PERMISSIONS_API },
  deprecated_endpoint: { cause: 'retired', advice: RETIRED, nativeAdvice: NO_PERMISSIONS_API },
} satisfies Record<string, Word>;

const words: ReadonlyMap<string, Word> = new Map(Object.entries(WORDS));

/** Classifies a word where it comes in: an answer of Slack's, or one that was stored. */
export function toCause(error: string): ErrorCause {
  const status = /^http_(\d{3})$/.exec(error)?.[1];
  if (status === undefined) return words.get(error)?.cause ?? 'unknown';
  if (status === '429') return 'rate_limited';
  return status.startsWith('5') ? 'unreachable' : 'other_status';
}

/** A call to Slack that came to nothing. `error` is logged, stored and shown; code goes by the `cause`. */
export interface Failure {
  ok: false;
  error: string;
  cause: ErrorCause;
  /** For how long Slack wants no call, where it limits the rate. */
  retryAfterMs: number | undefined;
  /** With `network_error`: what the network said. It is logged. */
  detail?: string;
}

export function toFailure(error: string, retryAfterMs?: number): Failure {
  return { ok: false, error, cause: toCause(error), retryAfterMs };
}

export function toRemedy(cause: ErrorCause): Remedy {
  return MEANINGS[cause].remedy;
}

/** Whether what the call opens may be on the user's screen, although Slack did not say so. */
export function mayHaveBeenShown(cause: ErrorCause): boolean {
  return MEANINGS[cause].mayBeShown ?? false;
}

/** Whether the same call may work later, with nobody acting, and nothing is known of the token or the workspace. */
export function isTransient(cause: ErrorCause): boolean {
  return MEANINGS[cause].passes ?? false;
}

/** Whether Slack itself refuses the token that was used; somebody has to act. */
export function isRefusal(cause: ErrorCause): boolean {
  return !isTransient(cause) && cause !== 'moving' && cause !== 'other_status';
}

export function toExpiredWhere(error: string): ExpiredWhere | undefined {
  return words.get(error)?.ranOut;
}

/** What an operator can do, by the backend that was at work; undefined where that is not known. */
export function toOperatorAdvice(error: string, backend: BackendKind | undefined): string | undefined {
  const word = words.get(error);
  return (backend === 'native' ? word?.nativeAdvice : undefined) ?? word?.advice;
}

/**
 * The name of an error that came from outside. Anything that does not look like one is replaced: it may be as long as an
 * address, and it is logged, stored and shown.
 */
export function toErrorName(text: string | undefined, fallback: string): string {
  return text !== undefined && /^[a-z_]{1,64}$/.test(text) ? text : fallback;
}
