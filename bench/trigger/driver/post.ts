import { sign } from '../../events/body';
import { toTeamId, toUserId } from '../workspace';

/** Where the numbers of triggers begin. */
const TRIGGER_BASE = 27_082_968_880;

/**
 * A slash command as Slack sends it, whole and signed now, as bytes for a socket. Each place is another user's, and has a
 * trigger of its own: nobody holds the scope, or has asked before.
 */
export function toPost(place: number, port: number, slackPort: number): Buffer {
  const body = toBody(place, slackPort);
  const nowSeconds = Math.floor(Date.now() / 1_000);
  // The body has no character beyond ASCII: its length in characters is that in bytes.
  return Buffer.from(
    `POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      'User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nAccept: application/json,*/*\r\n' +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` +
      `X-Slack-Request-Timestamp: ${nowSeconds}\r\nX-Slack-Signature: ${sign(body, nowSeconds)}\r\n\r\n${body}`,
    'latin1',
  );
}

function toBody(place: number, slackPort: number): string {
  return (
    `token=z26uFbvR1xHJEdHE1OQiO6t8&team_id=${toTeamId(place)}&team_domain=bench&channel_id=C0BENCH&channel_name=general` +
    `&user_id=${toUserId(place)}&user_name=ada&command=%2Fpermissions&text=request+dnd%3Awrite%3Auser` +
    `&api_app_id=A0BENCH&is_enterprise_install=false` +
    `&response_url=http%3A%2F%2F127.0.0.1%3A${slackPort}%2Fcommands%2F${place}` +
    `&trigger_id=${TRIGGER_BASE + place}.6048553856.5eb9c671f75c636135fdb6bb9e87b606`
  );
}

/** The place whose trigger a form-encoded call uses up; undefined where it has none. */
export function findPlace(body: string): number | undefined {
  const begin = body.indexOf('trigger_id=');
  if (begin === -1) return undefined;
  const number = Number.parseInt(body.slice(begin + 'trigger_id='.length, begin + 32), 10);
  return number - TRIGGER_BASE;
}
