import { z } from 'zod';
import { readEncryptionKeys } from '../runtime/secrets/keys';
import { databaseUrl } from './database-url';

/** One channel for all entries, or a channel for each of these workspaces: workspace id → channel id. */
export type AuditChannel = { channel: string } | { byTeam: ReadonlyMap<string, string> };

/** The address that only this machine can reach. */
export const LOOPBACK_HOST = '127.0.0.1';

/** How to create a key. */
export const KEY_ADVICE = 'write 32 random bytes, such as `openssl rand -base64 32` prints them';
/** How to create the secret that signs the webhook. */
export const WEBHOOK_SECRET_ADVICE =
  'write whsec_ and 24 to 64 random bytes in base64, such as `echo "whsec_$(openssl rand -base64 32)"` prints';

const COPY_ADVICE = 'has white space in it: copy it again from "Basic Information" in your app\'s settings';
const PROXY_ADVICE = 'must be the address of a proxy, such as http://proxy.example.com:3128';
const WEBHOOK_ADVICE =
  'must be the address that takes the entries, without a user or a password in it, such as https://audit.example.com/scopekeeper';

const DECIMAL = /^\d+(\.\d+)?$/;
const port = number(/^\d{1,5}$/, 65_535, 'must be a whole number from 0 to 65535');

/** Every variable: the values it may have, its default, and what to write instead. */
export const environmentSchema = z.object({
  SLACK_BOT_TOKEN: matching(
    /^xox\S+$/,
    'does not look like a token: copy it from "OAuth & Permissions" in your app\'s settings (it starts with xoxb-)',
  ),
  SLACK_SIGNING_SECRET: matching(/^\S+$/, COPY_ADVICE),
  SLACK_APP_TOKEN: matching(
    /^xapp-\S+$/,
    'does not look like an app-level token: make one with the scope connections:write under "Basic Information" in your app\'s settings (it starts with xapp-)',
  ),
  SLACK_CLIENT_ID: matching(/^\S+$/, COPY_ADVICE),
  SLACK_CLIENT_SECRET: matching(/^\S+$/, COPY_ADVICE),
  INSTALL_ALLOWED_TEAMS: ids(
    /^[TE][A-Z0-9]+$/,
    'must be ids of workspaces and organisations with commas between them, such as T012AB3CD,E056EF7GH',
  ),
  PUBLIC_URL: httpUrl(
    'must be the address at which browsers reach this app, such as https://scopekeeper.example.com',
  )
    // Slack redirects browsers to https only; the sandbox on this machine also takes http.
    .refine((url) => !/^http:/.test(url) || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(url), {
      error: 'must begin with https://: Slack sends browsers back to nothing else (http only on localhost)',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  TOKEN_ENCRYPTION_KEY: z
    .string()
    .transform(
      (text, context) =>
        readEncryptionKeys(text) ??
        fail(context, `cannot be read: ${KEY_ADVICE}; older keys follow after a comma`),
    )
    .optional(),
  SIGNING_KEY: z
    .string()
    .refine((keys) => keys.split(',').every((key) => key.trim().length >= 16), {
      error:
        'must be at least 16 characters long, such as `openssl rand -base64 32` prints; an older key follows after a comma',
    })
    .optional(),
  PERMISSIONS_BACKEND: z
    .enum(['native', 'oauth', 'auto'], { error: 'must be one of native, oauth, auto' })
    .default('auto'),
  SLACK_API_URL: httpUrl('must be an http or https address, such as https://slack.com/api/')
    .default('https://slack.com/api/')
    .transform((url) => (url.endsWith('/') ? url : `${url}/`)),
  HTTPS_PROXY: httpUrl(PROXY_ADVICE).optional(),
  HTTP_PROXY: httpUrl(PROXY_ADVICE).optional(),
  NO_PROXY: matching(
    /^[\w.*:[\],\s-]+$/,
    'must be names of hosts with commas between them, such as .example.com,10.0.0.7',
  ),
  PORT: port.default(3000),
  DATABASE_URL: databaseUrl,
  ADMIN_USER_IDS: ids(
    /^(T[A-Z0-9]+:)?[UW][A-Z0-9]+$/,
    'must be users with their workspaces, with commas between them, such as T012AB3CD:U045EF6GH; without a workspace an id counts in that of SLACK_BOT_TOKEN',
  ),
  SCOPE_CATALOG: z.string().default('scopes.json'),
  REQUEST_TTL_MINUTES: number(
    /^(?!0+(\.0*)?$)\d+(\.\d+)?$/,
    1440,
    'must be a number of minutes over 0, at most 1440, such as 10',
  ).default(10),
  DENIAL_COOLDOWN_HOURS: number(
    DECIMAL,
    8760,
    'must be a number of hours, at most 8760 (a year), such as 24; 0 turns it off',
  ).default(24),
  SYNC_INTERVAL_MINUTES: number(
    DECIMAL,
    10_080,
    'must be a number of minutes, at most 10080 (a week), such as 60; 0 turns the sync off',
  ).default(60),
  TIER2_PER_MINUTE: number(
    /^[1-9]\d*$/,
    999_999,
    'must be a whole number of calls a minute from 1, such as 20',
  ).default(20),
  RETENTION_DAYS: number(
    /^\d{1,5}$/,
    99_999,
    'must be a whole number of days, such as 400; 0 keeps entries for ever',
  ).default(0),
  AUDIT_CHANNEL: z.string().transform(toAuditChannel).optional(),
  AUDIT_WEBHOOK_URL: httpUrl(WEBHOOK_ADVICE)
    .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), { error: WEBHOOK_ADVICE, abort: true })
    .optional(),
  AUDIT_WEBHOOK_SECRET: z.string().transform(toWebhookSecret).optional(),
  METRICS_PORT: port.optional(),
  METRICS_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them')
    .default(LOOPBACK_HOST),
  METRICS_TOKEN: matching(
    /^\S{16,}$/,
    'must be 16 characters or more without white space, such as `openssl rand -hex 32` prints',
  ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
});

/** The variables, parsed. */
export type Values = z.infer<typeof environmentSchema>;

function matching(pattern: RegExp, error: string) {
  return z.string().regex(pattern, error).optional();
}

function httpUrl(error: string) {
  return z.url({ protocol: /^https?$/, error });
}

function number(pattern: RegExp, max: number, error: string) {
  return z
    .string()
    .refine((text) => pattern.test(text) && Number(text) <= max, { error })
    .transform(Number);
}

function ids(pattern: RegExp, error: string) {
  return z
    .string()
    .default('')
    .transform(splitList)
    .refine((parts) => parts.every((part) => pattern.test(part)), { error });
}

function toAuditChannel(text: string, context: z.RefinementCtx): AuditChannel {
  if (/^[CG][A-Z0-9]+$/.test(text.trim())) return { channel: text.trim() };
  const pairs = splitList(text).map((pair) => /^(T[A-Z0-9]+):([CG][A-Z0-9]+)$/.exec(pair));
  const byTeam = new Map(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? '', pair[2] ?? '']])));
  if (byTeam.size === pairs.length && pairs.length > 0) return { byTeam };
  return fail(
    context,
    'must be the id of a channel, such as C0123ABC, or a pair for each workspace, such as T0123ABC:C0456DEF,T0789GHI:C0012JKL',
  );
}

/** Follows Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function toWebhookSecret(text: string, context: z.RefinementCtx): { text: string; bytes: Buffer } {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length >= 24 && bytes.length <= 64) return { text, bytes };
  return fail(context, `cannot be read: ${WEBHOOK_SECRET_ADVICE}`);
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

function fail(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
