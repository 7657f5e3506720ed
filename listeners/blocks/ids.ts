/** The names that Slack sends back with a gesture: commands, `callback_id`, `action_id`, `block_id`. */
export const ids = {
  command: '/permissions',
  shortcut: 'request_permissions',
  dialog: 'permission_dialog',
  view: 'permission_view',
  actions: {
    ask: 'ask_for_scopes',
    continue: 'continue_request',
    openDialog: 'open_dialog',
    openView: 'open_view',
    allow: 'allow_in_slack',
    decline: 'decline_consent',
    revoke: 'revoke',
    keep: 'keep',
    newer: 'newer_log_entries',
    older: 'older_log_entries',
  },
  blocks: { scopes: 'scopes', reason: 'reason' },
  inputs: { scopes: 'scopes', reason: 'reason' },
} as const;

/** Short, since the reason is shown in a log that others read. */
export const MAX_REASON_LENGTH = 300;
