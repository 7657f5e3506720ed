import { APP_IDS } from '../app-manifest';
import { toObject, toText } from '../json';
import type { Slack } from '../state/slack';
import type { Delivery, JsonObject } from '../types';
import type { Activity } from './activity';
import { isSuccess, type Outbox } from './outbox';

/** Waits before the second, third and fourth attempt. */
const RETRY_DELAYS_MS = [0, 60_000, 300_000];

/** Slack does not say whose installation has ended: there is none any more. */
const WITHOUT_AUTHORIZATIONS = new Set(['tokens_revoked', 'app_uninstalled']);

export interface EventOptions {
  eventId?: string;
  eventTime?: number;
  /** A workspace's id, or the organisation's. Default: T0SANDBOX. */
  teamId?: string;
  /** Takes the place of what stands around the event; undefined leaves a field out. */
  envelope?: JsonObject;
}

export interface SentEvent {
  /** The app's answer to the first attempt. */
  first: Promise<Delivery>;
  /** The last attempt: the one that got a 2xx, or the one after which Slack gave up. */
  final: Promise<Delivery>;
}

export type Events = ReturnType<typeof createEvents>;

interface Dependencies {
  slack: Slack;
  outbox: Outbox;
  activity: Activity;
}

export function createEvents({ slack, outbox, activity }: Dependencies) {
  const { clock, ids, enterprise, first } = slack;
  /** Ends the pauses between attempts. */
  const pauses = new Set<() => void>();
  let isClosed = false;

  function toEnvelope(event: JsonObject, options: EventOptions): JsonObject {
    const teamId = options.teamId ?? first.team.id;
    const workspace = slack.find(teamId);
    const isOrgWide = teamId === enterprise?.id || workspace?.isEnterpriseInstall() === true;
    return {
      token: APP_IDS.verificationToken,
      team_id: teamId,
      context_team_id: workspace?.team.id ?? null,
      context_enterprise_id: enterprise?.id ?? null,
      ...(enterprise ? { enterprise_id: enterprise.id } : {}),
      api_app_id: APP_IDS.appId,
      event,
      type: 'event_callback',
      authed_teams: [teamId],
      ...(WITHOUT_AUTHORIZATIONS.has(toText(toObject(event).type))
        ? {}
        : {
            authorizations: [
              {
                enterprise_id: enterprise?.id ?? null,
                // The installation is the organisation's: no workspace stands beside it.
                team_id: isOrgWide ? null : teamId,
                user_id: (workspace ?? first).team.botUserId,
                is_bot: true,
                is_enterprise_install: isOrgWide,
              },
            ],
          }),
      is_ext_shared_channel: false,
      event_context: ids.secret(),
      event_id: options.eventId ?? ids.prefixed('Ev'),
      event_time: options.eventTime ?? Math.floor(clock.now() / 1000),
      ...options.envelope,
    };
  }

  function attempt(payload: JsonObject, number: number, reason: string | undefined): Promise<Delivery> {
    return outbox.post({
      kind: 'event',
      body: JSON.stringify(payload),
      contentType: 'application/json',
      payload,
      attempt: number,
      retryReason: reason,
    });
  }

  /** Waits on the clock. What waits counts as nothing going on; what follows counts from the timer's own turn. */
  function pause(end: () => void, delayMs: number): Promise<() => void> {
    return new Promise((resolve) => {
      const resume = () => {
        timer.cancel();
        pauses.delete(resume);
        resolve(activity.begin());
      };
      const timer = clock.setTimeout(resume, delayMs);
      pauses.add(resume);
      end();
    });
  }

  /** Follows the first attempt until one gets a 2xx, the app asks for no other, or Slack gives up. */
  async function retry(payload: JsonObject, first: Promise<Delivery>): Promise<Delivery> {
    let end = activity.begin();
    try {
      let last = await first;
      for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
        if (isSuccess(last.status) || last.noRetry || isClosed) break;
        if (delayMs > 0) end = await pause(end, delayMs);
        if (isClosed) break;
        last = await attempt(payload, index + 2, last.error);
      }
      return last;
    } finally {
      end();
    }
  }

  function send(event: JsonObject, options: EventOptions = {}): SentEvent {
    const payload = toEnvelope(event, options);
    const first = attempt(payload, 1, undefined);
    const final = retry(payload, first);
    // Whoever waits for the first attempt only hears of a failure there.
    final.catch(() => undefined);
    return { first, final };
  }

  function close(): void {
    isClosed = true;
    for (const resume of [...pauses]) resume();
  }

  return { send, close };
}
