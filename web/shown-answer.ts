import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { consentOutcomeSchema } from '../services/answers/consent/outcome';
import { REDIRECT_PATH } from '../services/config/config';
import { STATE_TTL_MS } from '../services/oauth/states';
import { parseJson } from '../services/runtime/json';
import { toSha256 } from '../services/runtime/secrets/sha256';
import type { Signer } from '../services/runtime/secrets/signer';
import { addCookie, readNamedCookie } from './browser-requests';

const NAME = 'scopekeeper_answer';
/** Browsers store cookies of up to 4 kB. */
const MAX_COOKIE_LENGTH = 3_800;

/** The outcome that a browser was shown, to be shown again when the page is reloaded. */
const shownSchema = z.union([
  consentOutcomeSchema,
  z.object({ kind: z.literal('pending') }),
  z.object({ kind: z.literal('installed'), name: z.string().optional() }),
  z.object({ kind: z.literal('not_installed'), status: z.number(), why: z.string() }),
]);

export type ShownAnswer = z.infer<typeof shownSchema>;

/** Stores the outcome in a cookie, signed together with the address that it belongs to. */
export function createShownAnswers({ signer, isSecure }: { signer: Signer; isSecure: boolean }) {
  const toSigned = ({ url = '' }: IncomingMessage, text: string) => `${toSha256(url)} ${text}`;
  return {
    keep(request: IncomingMessage, response: ServerResponse, answer: ShownAnswer): void {
      const text = Buffer.from(JSON.stringify(answer)).toString('base64url');
      const value = `${text}.${signer.sign('shown answer', toSigned(request, text))}`;
      if (value.length > MAX_COOKIE_LENGTH) return;
      const flags = `Path=${REDIRECT_PATH}; HttpOnly; SameSite=Lax; Max-Age=${STATE_TTL_MS / 1_000}`;
      addCookie(response, `${NAME}=${value}; ${flags}${isSecure ? '; Secure' : ''}`);
    },

    /** Undefined where this browser was shown no outcome at this address. */
    find(request: IncomingMessage): ShownAnswer | undefined {
      const [text = '', signature = ''] = (readNamedCookie(request, NAME) ?? '').split('.');
      if (!signer.isSigned('shown answer', toSigned(request, text), signature)) return undefined;
      const parsed = shownSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
      return parsed.success ? parsed.data : undefined;
    },
  };
}
