/** Slack had a fault of its own. Part of the call may have succeeded all the same: https://docs.slack.dev/reference/methods */
export const SLACK_FAULTS: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
]);
