import type { ApiCall, Delivery } from '../types';

const KEPT = 10_000;
const RECENT_KEPT = 30;

export type JournalEntry = { call: ApiCall } | { delivery: Delivery };

export type Journal = ReturnType<typeof createJournal>;

/** What went over the wire, both ways, in order; the oldest is dropped. */
export function createJournal({ changed }: { changed: () => void }) {
  const calls: ApiCall[] = [];
  const deliveries: Delivery[] = [];
  const recent: JournalEntry[] = [];

  function note(entry: JournalEntry): void {
    recent.push(entry);
    if (recent.length > RECENT_KEPT) recent.shift();
    changed();
  }

  return {
    calls,
    deliveries,
    /** The last entries of both kinds, oldest first; without those that only keep a connection open. */
    recent: (): readonly JournalEntry[] => recent,
    addCall: (call: ApiCall) => {
      calls.push(call);
      if (calls.length > KEPT) calls.shift();
      if (call.method !== 'api.test') note({ call });
    },
    addDelivery: (delivery: Delivery) => {
      deliveries.push(delivery);
      if (deliveries.length > KEPT) deliveries.shift();
      note({ delivery });
    },
    /** An entry got its answer. */
    updated: changed,
  };
}
