import { createBoundedMap } from '../bounded-map';
import type { SandboxClock } from '../types';
import type { Ids } from './ids';

/** https://docs.slack.dev/authentication/installing-with-oauth */
export const CODE_TTL_MS = 10 * 60_000;
const CODES_KEPT = 10_000;

/** What somebody allowed on the consent page; the app gets it for the code. */
export interface Consent {
  userId: string;
  /** Undefined: the whole organisation. */
  teamId: string | undefined;
  botScopes: string[];
  userScopes: string[];
  /** As it stood in the address of the page; undefined: it was left out. */
  redirectUri: string | undefined;
}

export type CodeCheck =
  | { state: 'good'; consent: Consent }
  | { state: 'invalid_code' | 'code_expired' | 'code_already_used' };

export type Codes = ReturnType<typeof createCodes>;

/** OAuth codes: good for ten minutes and one exchange. */
export function createCodes({ clock, ids }: { clock: SandboxClock; ids: Ids }) {
  const codes = createBoundedMap<string, { consent: Consent; issuedAt: number; isUsed: boolean }>(CODES_KEPT);

  function mint(consent: Consent): string {
    const code = ids.code();
    codes.set(code, { consent, issuedAt: clock.now(), isUsed: false });
    return code;
  }

  function check(code: string): CodeCheck {
    const found = codes.get(code);
    if (!found) return { state: 'invalid_code' };
    if (found.isUsed) return { state: 'code_already_used' };
    if (clock.now() - found.issuedAt > CODE_TTL_MS) return { state: 'code_expired' };
    return { state: 'good', consent: found.consent };
  }

  function use(code: string): void {
    const found = codes.get(code);
    if (found) found.isUsed = true;
  }

  return { mint, check, use };
}
