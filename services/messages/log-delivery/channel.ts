import type { AuditChannel } from '../../config/environment';
import type { LogEntry } from '../../grants/log/entry';
import type { Workspaces } from '../../oauth/workspaces';
import { toBackoffMs } from '../../runtime/backoff';
import { type Clock, hasElapsed } from '../../runtime/clock';
import type { Message, Messenger } from '../messenger';
import type { DeliveryResult, LogDestination } from './destination';

/** Slack takes about one message a second in a channel: https://docs.slack.dev/apis/web-api/rate-limits */
const PAUSE_MS = 1_000;
const MAX_ENTRIES_PER_MESSAGE = 20;
const BACKOFF = { firstMs: 1_000, longestMs: 60_000 };
/** After a fault that does not pass by itself: an operator may have acted. */
const FAULT_WAIT_MS = 60_000;

const ADVICE: Readonly<Record<string, string>> = {
  channel_not_found:
    'there is no such channel that the app can see: write the channel’s id as AUDIT_CHANNEL, and invite the app into it',
  not_in_channel: 'invite the app into the channel of AUDIT_CHANNEL: type /invite @Scopekeeper there',
  is_archived: 'the channel of AUDIT_CHANNEL is archived: unarchive it, or set AUDIT_CHANNEL to another',
  missing_scope: 'the app’s token lacks chat:write: add it to the app and install it again',
  not_installed: 'the app has no token for this workspace: install it at /slack/install',
};
const OTHER_ADVICE =
  'the error is explained at https://docs.slack.dev/reference/methods/chat.postMessage#errors';

/** ADAPTER: messages in a channel, with several entries in one where many wait. */
export function createChannelDestination({
  channel: setting,
  messenger,
  workspaces,
  logDeliveryMessage,
  clock,
}: {
  channel: AuditChannel;
  messenger: Pick<Messenger, 'post'>;
  workspaces: Pick<Workspaces, 'find'>;
  /** One message with as many of the entries as fit. */
  logDeliveryMessage: (entries: readonly LogEntry[]) => { message: Message; count: number };
  clock: Clock;
}): LogDestination {
  /** By channel: several workspaces may share one. */
  const nextAt = new Map<string, number>();

  return {
    name: 'channel',
    teams: 'channel' in setting ? 'all' : [...setting.byTeam.keys()],
    batchSize: MAX_ENTRIES_PER_MESSAGE,
    pauseMs: PAUSE_MS,
    async deliver(teamId, entries, attempts): Promise<DeliveryResult> {
      const channel = 'channel' in setting ? setting.channel : (setting.byTeam.get(teamId) ?? '');
      const next = nextAt.get(channel) ?? 0;
      if (!hasElapsed(next, clock.now(), PAUSE_MS)) return { is: 'later', inMs: next - clock.now() };
      nextAt.set(channel, clock.now() + PAUSE_MS);
      const { message, count } = logDeliveryMessage(entries);
      const result = await messenger.post(await workspaces.find(teamId), channel, message);
      // Counted from Slack's answer: the call itself may have been slow.
      nextAt.set(channel, clock.now() + PAUSE_MS);
      if (result.sent) return { is: 'delivered', count };
      const { error, isRetryable, retryAfterMs } = result;
      if (!isRetryable)
        return { is: 'failed', error, inMs: FAULT_WAIT_MS, advice: ADVICE[error] ?? OTHER_ADVICE };
      return { is: 'failed', error, inMs: retryAfterMs ?? toBackoffMs(attempts + 1, BACKOFF) };
    },
  };
}
