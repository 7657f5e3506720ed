import type { IncomingMessage } from 'node:http';

/** Slack's largest payloads, of modals, have about 250 kB. */
export const MAX_BODY_BYTES = 1_000_000;
/** The sum of all unfinished bodies. Slack's arrive within milliseconds, and most have about 5 kB. */
const MAX_UNFINISHED_BYTES = 32_000_000;

/** `given_up`: unfinished bodies exceeded their bound, and this was the oldest. */
export type Body = { is: 'whole'; bytes: Buffer } | { is: 'too_large' | 'broken_off' | 'given_up' };

export type ReadBody = (request: IncomingMessage) => Promise<Body>;

interface Unfinished {
  length: number;
  end(body: Body): void;
}

/** Reads request bodies within bounds: nobody can fill the memory, neither by one large body nor by many unfinished ones. */
export function createBodyReader({ mostUnfinishedBytes = MAX_UNFINISHED_BYTES } = {}): ReadBody {
  // The oldest first.
  const unfinished = new Set<Unfinished>();
  let heldBytes = 0;

  function makeRoom(): void {
    for (const oldest of unfinished) {
      if (heldBytes <= mostUnfinishedBytes) return;
      oldest.end({ is: 'given_up' });
    }
  }

  return (request) =>
    new Promise((resolve) => {
      let parts: Buffer[] = [];
      const reading: Unfinished = {
        length: 0,
        end(body) {
          if (!unfinished.delete(reading)) return;
          heldBytes -= reading.length;
          parts = [];
          // Discards the rest.
          request.off('data', take).resume();
          resolve(body);
        },
      };
      function take(part: Buffer): void {
        parts.push(part);
        reading.length += part.length;
        heldBytes += part.length;
        if (reading.length > MAX_BODY_BYTES) reading.end({ is: 'too_large' });
        else makeRoom();
      }
      unfinished.add(reading);
      request.on('data', take);
      request.once('end', () => {
        const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
        reading.end({ is: 'whole', bytes });
      });
      // No effect after `end`.
      request.once('close', () => reading.end({ is: 'broken_off' }));
      request.once('error', () => reading.end({ is: 'broken_off' }));
    });
}
