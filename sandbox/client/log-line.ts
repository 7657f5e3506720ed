import { isObject, toObject, toText, toTexts } from '../json';
import type { ApiCall, ClientLogLine, Delivery } from '../types';
import type { JournalEntry } from '../wire/journal';

/** A call or a delivery in brief. No secret stands in it. */
export function toLogLine(entry: JournalEntry): ClientLogLine {
  return 'call' in entry ? fromCall(entry.call) : fromDelivery(entry.delivery);
}

function fromCall(call: ApiCall): ClientLogLine {
  const { args } = call;
  return {
    at: call.at,
    kind: 'call',
    name: call.method,
    user: args.user ?? args.user_id,
    status: call.status || undefined,
    outcome: outcomeOf(call),
    attempt: 1,
    triggerAgeMs: call.triggerAgeMs,
    detail: args.scopes ?? args.text ?? '',
  };
}

function outcomeOf({ status, answer }: ApiCall): string {
  if (status === 0) return 'waiting';
  if (isObject(answer)) return answer.ok === true ? 'ok' : toText(answer.error) || String(status);
  return status === 200 ? 'ok' : String(status);
}

function fromDelivery(delivery: Delivery): ClientLogLine {
  const { kind, payload, status, error, attempt, durationMs, at } = delivery;
  const event = toObject(payload.event);
  const isAnswered = status !== undefined;
  return {
    at,
    kind,
    name: toText(payload.command) || toText(event.type) || toText(payload.type),
    user: toText(payload.user_id) || toText(event.user) || toText(toObject(payload.user).id) || undefined,
    status,
    outcome: error ?? (isAnswered ? 'ok' : 'waiting'),
    attempt,
    durationMs,
    detail: toText(payload.text) || toTexts(event.scopes).join(',') || toText(payload.callback_id),
  };
}
