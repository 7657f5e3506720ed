import type { Trigger, TriggerSource } from '../services/slack/trigger';
import { type GestureOrigin, toGestureWorkspace, toWorkspace } from './identity';

/** Who made a gesture, where, and how they can be answered. Slack may send a trigger in a dialog submission; Bolt's types have none. */
export interface Gesture extends GestureOrigin {
  trigger_id?: string | undefined;
  /** Slack gives none for a shortcut, a modal and a home. */
  response_url?: string | undefined;
  user: { id: string; team_id?: string | null | undefined };
}

/** Bolt's `context`, in which the receivers put the time of arrival. */
interface Context {
  [property: string]: unknown;
}

/** The user is the one whom Slack names as the actor, never one named in a text. */
export function toTrigger(gesture: Gesture, source: TriggerSource, context: Context): Trigger {
  const { sentAt, arrivedAt } = context;
  return {
    // Slack may send an empty string.
    id: gesture.trigger_id || undefined,
    source,
    ...toWorkspace(toGestureWorkspace(gesture)),
    userId: gesture.user.id,
    // A trigger of unknown age counts as expired.
    sentAt: typeof sentAt === 'number' ? sentAt : 0,
    ...(typeof arrivedAt === 'number' && { arrivedAt }),
  };
}

/** A slash command has the same data in other fields. */
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
