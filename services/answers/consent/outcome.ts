import { z } from 'zod';

const scopes = z.array(z.string());

/** The outcome of a consent, as the browser and the modal show it. The browser keeps it for a reload. */
export const consentOutcomeSchema = z.discriminatedUnion('kind', [
  /** `leftOut` was asked for too: the user left it out, or no admin has approved it. */
  z.object({ kind: z.literal('granted'), granted: scopes, leftOut: scopes }),
  /** The user pressed Allow on Slack's page, but none of the scopes was granted. */
  z.object({ kind: z.literal('not_granted'), scopes }),
  /** The user pressed "Not now", or refused on Slack's page. */
  z.object({ kind: z.literal('denied'), scopes }),
  /** Another account than `userId`, or an account of another workspace, consented. */
  z.object({
    kind: z.literal('wrong_account'),
    userId: z.string(),
    /** The name of the user who was asked, if Slack said so. */
    name: z.string().optional(),
    /** The other account had granted something before: its token was not touched. */
    keptOtherGrants: z.boolean(),
  }),
  /** `reference` is the request's id. */
  z.object({ kind: z.literal('failed'), error: z.string(), reference: z.string() }),
]);

export type ConsentOutcome = z.infer<typeof consentOutcomeSchema>;

export type CallbackResult =
  | ConsentOutcome
  /** Still being recorded: a reload shows the outcome. */
  | { kind: 'pending' }
  /** The `state` is not valid, or no longer. Nothing was done. */
  | { kind: 'not_valid'; why: 'unknown' | 'used' | 'expired' };
