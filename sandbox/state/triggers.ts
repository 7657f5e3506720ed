import { createBoundedMap } from '../bounded-map';
import type { SandboxClock } from '../types';
import type { Ids } from './ids';

/** A trigger is good for one exchange within 3 seconds of the gesture. The clock runs here, at Slack. */
export const TRIGGER_TTL_MS = 3_000;
const TRIGGERS_KEPT = 10_000;

export interface Trigger {
  id: string;
  userId: string;
  mintedAt: number;
  exchanged: boolean;
  /** Where the gesture was made. */
  channel: string;
  /** It came with a `view_submission`: a modal that it opens is not seen. */
  isOfSubmission?: true;
}

export type TriggerCheck =
  | { state: 'good'; trigger: Trigger }
  | { state: 'unknown' }
  | { state: 'expired' }
  | { state: 'exchanged' };

export type Triggers = ReturnType<typeof createTriggers>;

export function createTriggers({ clock, ids }: { clock: SandboxClock; ids: Ids }) {
  const triggers = createBoundedMap<string, Trigger>(TRIGGERS_KEPT);

  function mint(userId: string, channel: string, ageMs = 0): Trigger {
    const trigger = { id: ids.trigger(), userId, mintedAt: clock.now() - ageMs, exchanged: false, channel };
    triggers.set(trigger.id, trigger);
    return trigger;
  }

  function check(id: string): TriggerCheck {
    const trigger = triggers.get(id);
    if (!trigger) return { state: 'unknown' };
    if (clock.now() - trigger.mintedAt > TRIGGER_TTL_MS) return { state: 'expired' };
    if (trigger.exchanged) return { state: 'exchanged' };
    return { state: 'good', trigger };
  }

  /** ms since the gesture; undefined for a trigger that was never made. */
  function ageOf(id: string): number | undefined {
    const trigger = triggers.get(id);
    return trigger && clock.now() - trigger.mintedAt;
  }

  return { mint, check, ageOf };
}
