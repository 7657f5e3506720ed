import { createHmac } from 'node:crypto';

export const TEAM = 'T0BENCH';
export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

/** The `event_id` of the event at this place; every event is another user's. */
export function toEventId(place: number): string {
  return `Ev0${place.toString(36).toUpperCase().padStart(8, '0')}`;
}

/** An event as Slack's Events API sends it. */
export function toBody(place: number, nowSeconds: number): string {
  return JSON.stringify({
    token: 'z26uFbvR1xHJEdHE1OQiO6t8',
    team_id: TEAM,
    api_app_id: 'A0BENCH',
    event: {
      type: 'user_resource_granted',
      user: `U0${place.toString(36).toUpperCase().padStart(8, '0')}`,
      scopes: ['reminders:write:user', 'reminders:read:user'],
      trigger_id: `${27_082_968_880 + place}.6048553856.5eb9c671f75c636135fdb6bb9e87b606`,
    },
    type: 'event_callback',
    event_id: toEventId(place),
    event_time: nowSeconds,
    authorizations: [
      { enterprise_id: null, team_id: TEAM, user_id: 'U0BOT', is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  });
}

/** Slack's signature: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function sign(body: string, nowSeconds: number): string {
  return `v0=${createHmac('sha256', SIGNING_SECRET).update(`v0:${nowSeconds}:${body}`).digest('hex')}`;
}
