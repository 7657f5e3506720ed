import { createHmac } from 'node:crypto';
import type { Harness } from './harness';

/** What the app answered to a post of ours. */
export interface PostAnswer {
  status: number;
  text: string;
}

interface Post {
  body: string | Buffer;
  contentType?: string;
  /** Whole seconds; the clock's now if left out. */
  timestamp?: number | string;
  /** Takes the place of the right one. */
  signature?: string;
  headers?: Record<string, string>;
}

export function sign(secret: string, timestamp: number | string, body: string | Buffer): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

/** Posts to the app as Slack does, or nearly so. */
export async function post(
  harness: Harness,
  { body, contentType, timestamp, signature, headers }: Post,
): Promise<PostAnswer> {
  const stamp = timestamp ?? Math.floor(harness.clock.now() / 1_000);
  const response = await fetch(harness.url('/slack/events'), {
    method: 'POST',
    headers: {
      'content-type': contentType ?? 'application/json',
      'x-slack-request-timestamp': String(stamp),
      'x-slack-signature': signature ?? sign(harness.slack.signingSecret, stamp, body),
      ...headers,
    },
    body: typeof body === 'string' ? body : Uint8Array.from(body),
  });
  return { status: response.status, text: await response.text() };
}

/** A press on a button of ours, with nowhere to answer but a direct message. */
export function postAction(
  harness: Harness,
  { userId, action, state }: { userId: string; action: object; state?: object },
): Promise<PostAnswer> {
  const payload = {
    type: 'block_actions',
    user: { id: userId, team_id: harness.slack.teamId },
    team: { id: harness.slack.teamId },
    trigger_id: '1.2.abc',
    actions: [{ block_id: 'b', ...action }],
    ...(state && { state }),
  };
  return post(harness, {
    body: `payload=${encodeURIComponent(JSON.stringify(payload))}`,
    contentType: 'application/x-www-form-urlencoded',
  });
}
