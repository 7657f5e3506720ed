import { z } from 'zod';
import { PayloadError } from '../../services/runtime/errors';
import { MAX_NAME_LENGTH } from '../../services/slack/max-name-length';
import type { Workspace } from '../../services/slack/workspace';
import type { ListenerDependencies } from '../dependencies';
import { toEventWorkspace, toWorkspace } from '../identity';
import type { EventArgs } from '../router';

/** PostgreSQL stores no NUL and no lone surrogate in a text, and Slack sends none. */
const text = z
  .string()
  .max(MAX_NAME_LENGTH)
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

/** Called once per event type: Zod compiles a schema when it is first used. */
function withEnvelope<Event extends z.ZodType>(event: Event) {
  return envelope.extend({ event });
}

/** The fields that every event has. */
interface EventEnvelope extends Workspace {
  eventId: string;
  source: 'slack_event';
  time: number;
  /** Whether the app is installed in the whole enterprise. Undefined where Slack does not say. */
  isEnterpriseInstall: boolean | undefined;
}

/**
 * A Bolt listener of one event. `handle` gets its narrowed fields; an event that cannot be read throws a `PayloadError`, for which
 * Slack gets a 400. After `handle`, the enterprise of the event's workspace is remembered.
 */
export function createEventListener<Event>(
  schema: z.ZodType<z.infer<typeof envelope> & { event: Event }>,
  { enterprises, clock }: Pick<ListenerDependencies, 'enterprises' | 'clock'>,
  handle: (received: EventEnvelope, event: Event) => Promise<void>,
) {
  return async ({ body }: EventArgs): Promise<void> => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new PayloadError(`The event cannot be read: ${issue?.path.join('.')}: ${issue?.message}.`);
    }
    const { event_id: eventId, event_time, event, authorizations } = parsed.data;
    const { teamId, enterpriseId } = toEventWorkspace(parsed.data);
    if (teamId === undefined) throw new PayloadError('The event cannot be read: it names no team.');
    const time = Math.floor(event_time ?? clock.now() / 1_000);
    const isEnterpriseInstall = authorizations?.[0]?.is_enterprise_install ?? undefined;
    const workspace = toWorkspace({ teamId, enterpriseId });
    await handle({ eventId, source: 'slack_event', ...workspace, time, isEnterpriseInstall }, event);
    enterprises.learn({ teamId, enterpriseId });
  };
}
