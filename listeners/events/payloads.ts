import { z } from 'zod';
import type { Clock } from '../../services/runtime/clock';
import { PayloadError } from '../../services/runtime/errors';
import { NAME_LIMIT } from '../../services/slack/name-limit';
import type { Workspace } from '../../services/slack/workspace';
import { type SaidWorkspace, toEventWorkspace, toWorkspace } from '../identity';

/** PostgreSQL keeps no NUL and no half of a character in a text, and Slack sends none. */
const text = z
  .string()
  .max(NAME_LIMIT)
  .regex(/^[^\0]+$/)
  .refine((value) => value.isWellFormed(), { error: 'has half of a character in it' });

/** The envelope of the Events API, as much of it as is used: https://docs.slack.dev/apis/events-api/#event-type-structure */
const envelope = z.object({
  event_id: text,
  team_id: text.nullish(),
  enterprise_id: text.nullish(),
  event_time: z.number().optional(),
  context_team_id: text.nullish(),
  context_enterprise_id: text.nullish(),
  authorizations: z
    .array(
      z.object({
        team_id: text.nullish(),
        enterprise_id: text.nullish(),
        is_enterprise_install: z.boolean().nullish(),
      }),
    )
    .nullish(),
});

const scopes = z.array(text).min(1);
const user = text;
const trigger_id = text.optional();

export const userAnswerEvent = withEnvelope(z.object({ user, scopes, trigger_id }));
export const appAnswerEvent = withEnvelope(z.object({ scopes, trigger_id }));
export const userRemovedEvent = withEnvelope(z.object({ user, trigger_id }));
export const homeOpenedEvent = withEnvelope(
  z.object({ user, tab: text, view: z.object({ team_id: text.nullish() }).nullish() }),
);
export const teamAccessEvent = withEnvelope(z.object({ team_ids: z.array(text) }));
export const uninstalledEvent = withEnvelope(z.object({}));
export const tokensRevokedEvent = withEnvelope(
  z.object({ tokens: z.object({ oauth: z.array(user).nullish(), bot: z.array(user).nullish() }) }),
);

/** Made once, not at each event: Zod compiles a schema when it is first used. */
function withEnvelope<Event extends z.ZodType>(event: Event) {
  return envelope.extend({ event });
}

/** Where an event is from; undefined where that cannot be read. */
export function readEventWorkspace(body: unknown): SaidWorkspace | undefined {
  const { data } = envelope.safeParse(body);
  return data && toEventWorkspace(data);
}

/** What every event says of itself. */
interface Received extends Workspace {
  eventId: string;
  source: 'slack_event';
  time: number;
  /** The installation is the organisation's, not the workspace's. Undefined where Slack does not say whose it is. */
  isEnterpriseInstall: boolean | undefined;
}

/** Narrows an event to what a listener records. Throws a `PayloadError`, for which Slack gets a 400. */
export function readEvent<Event>(
  schema: z.ZodType<z.infer<typeof envelope> & { event: Event }>,
  body: unknown,
  clock: Clock,
): { received: Received; event: Event } {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PayloadError(`The event cannot be read: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const { event_id: eventId, event_time, event, authorizations } = parsed.data;
  const said = toEventWorkspace(parsed.data);
  if (said.teamId === undefined) throw new PayloadError('The event cannot be read: it names no team.');
  const time = Math.floor(event_time ?? clock.now() / 1_000);
  const isEnterpriseInstall = authorizations?.[0]?.is_enterprise_install ?? undefined;
  return {
    received: { eventId, source: 'slack_event', ...toWorkspace(said), time, isEnterpriseInstall },
    event,
  };
}
