import { z } from 'zod';
import type { Trigger, TriggerSource } from '../services/trigger/trigger';

/** What every payload that a gesture makes has. Bolt's types know no trigger in a dialog submission; Slack's seed does. */
export const gestureSchema = z.object({
  trigger_id: z.string().optional(),
  user: z.object({ id: z.string(), team_id: z.string().optional() }),
  team: z.object({ id: z.string() }).nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
});

type Gesture = z.infer<typeof gestureSchema>;

/** An arrival, or Bolt's context, into which the receivers put it. */
interface Context {
  teamId?: string;
  enterpriseId?: string;
  [property: string]: unknown;
}

/** The user is the one whom Slack names as the actor, never one that a text names. */
export function toTrigger(gesture: Gesture, source: TriggerSource, context: Context): Trigger {
  const { sentAt, arrivedAt } = context;
  return {
    // An empty string is as good as none.
    id: gesture.trigger_id || undefined,
    source,
    // Where the organisation has installed the app, the user alone says which workspace it is; Bolt takes the organisation.
    teamId:
      gesture.team?.id ??
      gesture.user.team_id ??
      context.teamId ??
      gesture.enterprise?.id ??
      context.enterpriseId ??
      'unknown',
    enterpriseId: gesture.enterprise?.id ?? context.enterpriseId,
    userId: gesture.user.id,
    // Of what is not known to be fresh, nothing is left.
    sentAt: typeof sentAt === 'number' ? sentAt : 0,
    ...(typeof arrivedAt === 'number' && { arrivedAt }),
  };
}
