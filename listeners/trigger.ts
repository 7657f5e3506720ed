import type { Clock } from '../services/clock';
import type { Trigger, TriggerSource } from '../services/trigger/trigger';

/** What every payload that a gesture makes has. Bolt's types know no trigger in a dialog submission; Slack's seed does. */
interface Gesture {
  trigger_id?: string;
  user: { id: string; team_id?: string };
  team?: { id: string } | null;
  enterprise?: { id: string } | null;
}

/** Bolt's context, into which the receiver has put when Slack sent the request. */
interface Context {
  teamId?: string;
  enterpriseId?: string;
  [property: string]: unknown;
}

/** The user is the one whom Slack names as the actor, never one that a text names. */
export function toTrigger(gesture: Gesture, source: TriggerSource, context: Context, clock: Clock): Trigger {
  const { sentAt, arrivedAt } = context;
  return {
    // An empty string is as good as none.
    id: gesture.trigger_id || undefined,
    source,
    // Where the organisation has installed the app, the user alone says which workspace it is; Bolt takes the organisation.
    teamId: gesture.team?.id ?? gesture.user.team_id ?? context.teamId ?? context.enterpriseId ?? 'unknown',
    enterpriseId: gesture.enterprise?.id ?? context.enterpriseId,
    userId: gesture.user.id,
    sentAt: typeof sentAt === 'number' ? sentAt : clock.now(),
    ...(typeof arrivedAt === 'number' && { arrivedAt }),
  };
}
