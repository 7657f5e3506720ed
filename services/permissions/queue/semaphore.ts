/** How many exchanges of one workspace may be under way at once: at most so many can meet the same 429. */
const SLOTS = 10;

/** Bounds what is under way in each workspace. One workspace never waits for another. */
export interface Slots {
  /** Resolves when there is room, with what gives it back; in the order of asking. */
  take(teamId: string): Promise<() => void>;
}

export function createSlots(size = SLOTS): Slots {
  const rooms = new Map<string, { taken: number; waiting: (() => void)[] }>();

  return {
    async take(teamId) {
      const room = rooms.get(teamId) ?? { taken: 0, waiting: [] };
      rooms.set(teamId, room);
      if (room.taken >= size) await new Promise<void>((resolve) => room.waiting.push(resolve));
      else room.taken += 1;
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        const next = room.waiting.shift();
        // Handed on as it is, or given back.
        if (next !== undefined) next();
        else room.taken -= 1;
        if (room.taken === 0) rooms.delete(teamId);
      };
    },
  };
}
