import type { AccessEvent } from '../../services/admin/access-store';
import type { LogEvent, LogSource } from '../../services/grants/log/entry';
import type { TriggerSource } from '../../services/slack/trigger';

/** Labels of the names in the log. Addresses use the names themselves. */
export const EVENT_LABELS: Record<LogEvent, string> = {
  requested: 'Requested',
  granted: 'Granted',
  denied: 'Denied',
  unanswered: 'Unanswered',
  failed: 'Failed',
  removed: 'Removed',
};

/** Distinct by shape, not by colour alone. */
export const EVENT_SIGNS: Record<LogEvent, string> = {
  requested: '→',
  granted: '✓',
  denied: '✕',
  unanswered: '○',
  failed: '!',
  removed: '−',
};

export const ACCESS_LABELS: Record<AccessEvent, string> = {
  link_made: 'Link made',
  signed_in: 'Signed in',
  signed_out: 'Signed out',
  refused: 'Refused',
  exported: 'Exported',
  sync_pressed: 'Sync begun',
};

export const SOURCE_LABELS: Record<LogSource, string> = {
  app: 'App',
  slack_event: 'Slack event',
  users_list: 'Sync',
  oauth: 'OAuth',
};

export const TRIGGER_LABELS: Record<TriggerSource, string> = {
  slash_command: 'Slash command',
  block_action: 'Button',
  dialog_submission: 'Dialog',
  view_submission: 'Modal',
  shortcut: 'Shortcut',
};
