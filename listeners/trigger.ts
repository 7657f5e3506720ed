import { z } from 'zod';
import type { Trigger, TriggerSource } from '../services/slack/trigger';
import { toGestureWorkspace, toWorkspace } from './identity';

/** As much of a view as says where it is. */
export const viewSchema = z.object({
  type: z.string().optional(),
  team_id: z.string().nullish(),
  app_installed_team_id: z.string().nullish(),
  private_metadata: z.string().optional(),
});

/** What every payload that a gesture makes has. Bolt's types know no trigger in a dialog submission; Slack's seed does. */
export const gestureSchema = z.object({
  trigger_id: z.string().optional(),
  user: z.object({ id: z.string(), team_id: z.string().nullish() }),
  team: z.object({ id: z.string(), enterprise_id: z.string().nullish() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  view: viewSchema.nullish(),
});

type Gesture = z.infer<typeof gestureSchema>;

/** An arrival, or Bolt's context, into which the receivers put it. */
interface Context {
  [property: string]: unknown;
}

/** The user is the one whom Slack names as the actor, never one that a text names. */
export function toTrigger(gesture: Gesture, source: TriggerSource, context: Context): Trigger {
  const { sentAt, arrivedAt } = context;
  return {
    // An empty string is as good as none.
    id: gesture.trigger_id || undefined,
    source,
    ...toWorkspace(toGestureWorkspace(gesture)),
    userId: gesture.user.id,
    // Of what is not known to be fresh, nothing is left.
    sentAt: typeof sentAt === 'number' ? sentAt : 0,
    ...(typeof arrivedAt === 'number' && { arrivedAt }),
  };
}

/** A slash command has the same in other fields. */
export function toCommandTrigger(
  command: {
    trigger_id?: string | undefined;
    user_id: string;
    team_id: string;
    enterprise_id?: string | undefined;
  },
  context: Context,
): Trigger {
  const { trigger_id, user_id, team_id, enterprise_id } = command;
  const enterprise = enterprise_id ? { id: enterprise_id } : null;
  return toTrigger(
    { trigger_id, user: { id: user_id }, team: { id: team_id }, enterprise },
    'slash_command',
    context,
  );
}
