import type { BackendKind } from '../config/catalog';

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
  /** Temporary, and nothing about the token or the workspace: the same call may work later. */
  passes?: true;
  /** Slack's words for it, and ours. `http_NNN` goes by rule, see `toCause`. */
  words: readonly string[];
}

const PASSES_UNSEEN = { remedy: 'again', mayBeShown: true, passes: true } as const;

/** What an error of a call to Slack means. Everything else follows from it. */
const CAUSES = {
  /** Nothing was sent: the gesture brought no trigger, or too little time was left. */
  not_sent: { remedy: 'again', words: ['no_trigger', 'no_time_left'] },
  /** Slack does not take this trigger: it is expired, used or unknown. */
  bad_trigger: {
    remedy: 'again',
    words: [
      ...['invalid_trigger', 'expired_trigger_id', 'exchanged_trigger_id'],
      ...['invalid_trigger_id', 'trigger_expired', 'trigger_exchanged'],
    ],
  },
  /** Slack could not be reached, did not answer in time, or something on the way answered with a 5xx. */
  unreachable: { ...PASSES_UNSEEN, words: ['timeout', 'network_error'] },
  /** A success that is no answer of the Web API. */
  garbled: { ...PASSES_UNSEEN, words: ['invalid_response'] },
  /** Another status that is no success, without an answer of the Web API. */
  other_status: { remedy: 'unknown', words: [] },
  /** Slack had a fault. Part of the call may have succeeded: https://docs.slack.dev/reference/methods */
  slack_fault: {
    ...PASSES_UNSEEN,
    words: ['fatal_error', 'internal_error', 'request_timeout', 'service_unavailable'],
  },
  rate_limited: { remedy: 'again', passes: true, words: ['ratelimited', 'rate_limited'] },
  /** Slack refuses these scopes, or this user. */
  refused_request: { remedy: 'ask', words: ['invalid_scope', 'invalid_user', 'user_is_bot', 'is_bot'] },
  /** The app holds no token for this workspace. */
  not_installed: { remedy: 'admin', words: ['not_installed'] },
  /** The token, and all that was granted with it, has ended. No other word of Slack's says that. */
  token_ended: { remedy: 'admin', words: ['token_revoked', 'account_inactive'] },
  token_expired: { remedy: 'admin', words: ['token_expired'] },
  /**
   * The token may have ended. But `invalid_auth` also means that this address may not call, and a refused refresh token may
   * have been used up by an answer that never arrived.
   */
  token_in_doubt: { remedy: 'admin', words: ['invalid_auth', 'invalid_refresh_token', 'invalid_grant'] },
  /** The app, its token or its workspace is not allowed to do this. */
  not_allowed: {
    remedy: 'admin',
    words: [
      ...['not_authed', 'secret_unreadable', 'no_permission', 'missing_scope'],
      ...['access_denied', 'ekm_access_denied', 'team_access_not_granted'],
    ],
  },
  /** The workspace is moving into an enterprise. */
  moving: { remedy: 'admin', words: ['org_login_required', 'team_added_to_org'] },
  /** Slack does not offer this method, or not to tokens of this kind. */
  retired: {
    remedy: 'admin',
    words: ['not_allowed_token_type', 'unknown_method', 'method_deprecated', 'deprecated_endpoint'],
  },
  /** A word that is not in the table. */
  unknown: { remedy: 'unknown', words: [] },
} satisfies Record<string, Meaning>;

export type ErrorCause = keyof typeof CAUSES;

const MEANINGS: Readonly<Record<ErrorCause, Meaning>> = CAUSES;

/** Where a trigger ran out: before it was sent, while Slack did not answer, or by Slack's clock. */
export type ExpiredWhere = 'here' | 'on_the_way' | 'at_slack';

const EXPIRED_WHERE: ReadonlyMap<string, ExpiredWhere> = new Map([
  ['no_time_left', 'here'],
  ['timeout', 'on_the_way'],
  ['expired_trigger_id', 'at_slack'],
  ['trigger_expired', 'at_slack'],
]);

const INSTALL_AGAIN = 'install it again at /slack/install, or set SLACK_BOT_TOKEN anew where it is set';
const NOT_RENEWED = 'the token cannot be renewed any more: install the app again at /slack/install';
const MOVING = 'the workspace is moving to an Enterprise organisation: wait until the move is done';
const RETIRED = 'Slack has retired the method: a newer version of Scopekeeper is needed';
const NO_PERMISSIONS_API =
  'this workspace has no Permissions API, which Slack retired in 2021: set PERMISSIONS_BACKEND to oauth or auto';

/** What an operator is told to do. */
const ADVICE = new Map([
  ['not_installed', 'the app has no token for this workspace: install it at /slack/install'],
  ['not_authed', `the app has no token: ${INSTALL_AGAIN}`],
  ['token_revoked', `the app was removed from the workspace: ${INSTALL_AGAIN}`],
  ['account_inactive', `the app or its workspace was deleted: ${INSTALL_AGAIN}`],
  ['token_expired', `the app’s token has expired: ${INSTALL_AGAIN}`],
  [
    'invalid_auth',
    `calls from this address are not allowed (see the app’s settings, "OAuth & Permissions", "Restrict API Token Usage"), or the app’s token is wrong: ${INSTALL_AGAIN}`,
  ],
  ['invalid_refresh_token', NOT_RENEWED],
  ['invalid_grant', NOT_RENEWED],
  [
    'secret_unreadable',
    'the stored token cannot be read: install the app again at /slack/install, and find out who changed the database',
  ],
  ['no_permission', `the app’s token may not do this: ${INSTALL_AGAIN}`],
  ['missing_scope', 'the token lacks a scope: add it to the app and install it again'],
  ['access_denied', 'the workspace does not let this app do it: ask its admins to approve the app'],
  ['ekm_access_denied', 'the workspace’s admins have suspended the app’s access: ask them'],
  ['team_access_not_granted', 'the app is not allowed in this workspace: ask the organisation’s admins'],
  ['org_login_required', MOVING],
  ['team_added_to_org', MOVING],
  ['not_allowed_token_type', 'SLACK_BOT_TOKEN is of the wrong kind: it is to be the bot token (xoxb-…)'],
  ['unknown_method', 'Slack does not know the method: check SLACK_API_URL'],
  ['method_deprecated', RETIRED],
  ['deprecated_endpoint', RETIRED],
]);

/** The same, where it differs under the `native` backend. */
const NATIVE_ADVICE = new Map([
  ['no_permission', 'the token may not ask for permissions: reinstall the app as a workspace app'],
  [
    'not_allowed_token_type',
    'SLACK_BOT_TOKEN is of the wrong kind: the Permissions API wants a workspace token',
  ],
  ['unknown_method', NO_PERMISSIONS_API],
  ['method_deprecated', NO_PERMISSIONS_API],
  ['deprecated_endpoint', NO_PERMISSIONS_API],
]);

/** Classifies a word where it comes in: an answer of Slack's, or one that was stored. */
export function toCause(error: string): ErrorCause {
  const status = /^http_(\d{3})$/.exec(error)?.[1];
  if (status === undefined) return findCause(MEANINGS, error) ?? 'unknown';
  if (status === '429') return 'rate_limited';
  return status.startsWith('5') ? 'unreachable' : 'other_status';
}

function findCause<T extends string>(meanings: Record<T, Meaning>, word: string): T | undefined {
  for (const cause in meanings) if (meanings[cause].words.includes(word)) return cause;
  return undefined;
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
  return EXPIRED_WHERE.get(error);
}

/** What an operator can do, by the backend that was at work; undefined where that is not known. */
export function toOperatorAdvice(error: string, backend: BackendKind | undefined): string | undefined {
  return (backend === 'native' ? NATIVE_ADVICE.get(error) : undefined) ?? ADVICE.get(error);
}

/**
 * The name of an error that came from outside. Anything that does not look like one is replaced: it may be as long as an
 * address, and it is logged, stored and shown.
 */
export function toErrorName(text: string | undefined, fallback: string): string {
  return text !== undefined && /^[a-z_]{1,64}$/.test(text) ? text : fallback;
}
