import type { IncomingMessage } from 'node:http';

/** Slack's largest payloads, of modals, have some 250 kB. */
export const MAX_BODY_BYTES = 1_000_000;
/** Of all bodies that are not whole yet. Slack's come whole within milliseconds, most with some 5 kB. */
const MAX_UNFINISHED_BYTES = 32_000_000;

/** `given_up`: too much was unfinished, and this one for the longest time. */
export type Body = { is: 'whole'; bytes: Buffer } | { is: 'too_large' | 'broken_off' | 'given_up' };

export type ReadBody = (request: IncomingMessage) => Promise<Body>;

interface Unfinished {
  length: number;
  end(body: Body): void;
}

/** Nobody makes us hold more than Slack ever sends, neither with one body nor with many that are never finished. */
export function createBodyReader({ mostUnfinishedBytes = MAX_UNFINISHED_BYTES } = {}): ReadBody {
  // The one that was begun first stands first.
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
          // What still comes is not kept.
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
      // After its end this says nothing new.
      request.once('close', () => reading.end({ is: 'broken_off' }));
      request.once('error', () => reading.end({ is: 'broken_off' }));
    });
}
