import type { ClientState } from '../../types';

/** Remembers, as long as the page is open, up to where each person has read each channel. */
export function createReadMarks() {
  const readUpTo = new Map<string, number>();

  return {
    /** Messages newer than the mark, by channel. Looking at a channel marks it; so does meeting a person for the first time. */
    count({ me, channels, messages }: ClientState, open: string): Record<string, number> {
      const unread: Record<string, number> = {};
      for (const { id } of channels) {
        const inChannel = messages.filter(({ channel }) => channel === id);
        const key = `${me} ${id}`;
        const mark = readUpTo.get(key);
        if (id === open || mark === undefined) readUpTo.set(key, inChannel.at(-1)?.at ?? 0);
        else unread[id] = inChannel.filter(({ at }) => at > mark).length;
      }
      return unread;
    },
  };
}
