import type { AskOutcome } from '../services/permissions/permissions';
import type { Trigger } from '../services/slack/trigger';
import type { Arrival } from './arrival';
import type { Reply } from './reply';

/** A gesture by which a user asks to be asked. */
export interface Ask {
  trigger: Trigger;
  /** What is asked for, or the request that goes on. */
  what: { scopes: readonly string[]; reason?: string | undefined } | { requestId: string };
  /** For the private answer; undefined where Slack gives none. */
  responseUrl: string | undefined;
  /** Tells the user what came of it, where Slack's own prompt does not. */
  answer(outcome: AskOutcome, reply: Reply): void;
}

/** What a form lacks: Slack shows it beside the field. */
export interface Incomplete {
  acknowledgement: object;
}

/** Reads a body that Slack sent. Undefined: it is not this gesture. */
export type ReadAsk = (body: unknown, arrival: Arrival) => Ask | Incomplete | undefined;
