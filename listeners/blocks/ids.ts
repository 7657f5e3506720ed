/** The names by which Slack gives back what a person did with our blocks. */
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

/** Slack's limit for what a person may write here, kept short: it stands in a log that others read. */
export const MAX_REASON_LENGTH = 300;
