import { z } from 'zod';

const scopes = z.array(z.string());

/** What became of a consent, as the browser and the modal show it. A browser keeps it, for a reload. */
export const consentOutcomeSchema = z.discriminatedUnion('kind', [
  /** Slack holds what is `granted`. `leftOut` was asked too: the user left it out, or no admin has allowed it. */
  z.object({ kind: z.literal('granted'), granted: scopes, leftOut: scopes }),
  /** Slack's page was answered with Allow, and nothing of what was asked came of it. */
  z.object({ kind: z.literal('not_granted'), scopes }),
  /** "Not now", or refused on Slack's page. */
  z.object({ kind: z.literal('denied'), scopes }),
  /** Another account or another workspace than `userId`'s consented. What `hasKept` says stands as it did. */
  z.object({
    kind: z.literal('wrong_account'),
    userId: z.string(),
    /** What the asked user is called, where Slack said so. */
    name: z.string().optional(),
    /** The other account had granted something before: its token was not touched. */
    hasKept: z.boolean(),
  }),
  /** Nothing came of it; the request's id is the reference. */
  z.object({ kind: z.literal('failed'), error: z.string(), reference: z.string() }),
]);

export type ConsentOutcome = z.infer<typeof consentOutcomeSchema>;

export type CallbackResult =
  | ConsentOutcome
  /** It is still being written: whoever comes again is told what came of it. */
  | { kind: 'pending' }
  /** The `state` is not good (any more). Nothing was done. */
  | { kind: 'not_valid'; why: 'unknown' | 'used' | 'expired' };
