import type { Delivery, JsonObject } from '../types';
import type { Outbox } from '../wire/outbox';

/** Interactions are forms with one field that holds JSON; they are posted once. */
export function sendInteraction(outbox: Outbox, timestamp: number, payload: JsonObject): Promise<Delivery> {
  return outbox.post({
    kind: 'interaction',
    body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
    contentType: 'application/x-www-form-urlencoded',
    payload,
    timestamp,
  });
}

export const TROUBLE_TEXT = 'We had some trouble connecting. Try again?';
