import { randomUUID } from 'node:crypto';
import { isObject, parseJson, toText } from '../json';
import type { Delivery, JsonObject } from '../types';

const ENVELOPE_TYPES = {
  command: 'slash_commands',
  interaction: 'interactive',
  event: 'events_api',
} as const;

/** The interactions whose answer says what happens to the form or the menu. */
const ANSWERED = new Set(['view_submission', 'dialog_submission', 'block_suggestion']);

interface Wrapped {
  kind: Delivery['kind'];
  payload: JsonObject;
  attempt: number;
  retryReason: string | undefined;
}

/** A payload as Socket Mode carries it: https://docs.slack.dev/apis/events-api/using-socket-mode#events */
export function toEnvelope({ kind, payload, attempt, retryReason = '' }: Wrapped) {
  return {
    envelope_id: randomUUID(),
    type: ENVELOPE_TYPES[kind],
    payload,
    accepts_response_payload: kind === 'command' || ANSWERED.has(toText(payload.type)),
    ...(kind === 'event' ? { retry_attempt: attempt - 1, retry_reason: retryReason } : {}),
  };
}

/** The app's acknowledgement, with its payload as the text that would be the body of its answer by HTTP. */
export function readAcknowledgement(message: string): { envelopeId: string; body: string } | undefined {
  const acknowledgement = parseJson(message);
  if (!isObject(acknowledgement)) return undefined;
  const { envelope_id: envelopeId, payload } = acknowledgement;
  if (typeof envelopeId !== 'string') return undefined;
  // Slack's own client sends an empty object where there is nothing to say.
  const hasPayload = isObject(payload) && Object.keys(payload).length > 0;
  return { envelopeId, body: hasPayload ? JSON.stringify(payload) : toText(payload) };
}
