import { createHmac } from 'node:crypto';

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signatureHeaders(signingSecret: string, timestamp: number, body: string) {
  const digest = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'X-Slack-Signature': `v0=${digest}`,
    'X-Slack-Request-Timestamp': String(timestamp),
  };
}
