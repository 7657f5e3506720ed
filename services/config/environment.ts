import { z } from 'zod';
import { readEncryptionKeys } from '../runtime/secrets/keys';
import { databaseUrl } from './database-url';

/** One channel for all that is recorded, or a channel for each of these workspaces: their ids, and the channels'. */
export type AuditChannel = { channel: string } | { byTeam: ReadonlyMap<string, string> };

/** Where no other machine reaches. */
export const LOOPBACK = '127.0.0.1';

/** How a key is made. */
export const KEY_ADVICE = 'write 32 random bytes, such as `openssl rand -base64 32` prints them';

const PROXY_ADVICE = 'must be the address of a proxy, such as http://proxy.example.com:3128';
const WEBHOOK_ADVICE =
  'must be the address that takes the entries, without a user or a password in it, such as https://audit.example.com/scopekeeper';
/** The same for what signs the webhook. */
export const WEBHOOK_SECRET_ADVICE =
  'write whsec_ and 24 to 64 random bytes in base64, such as `echo "whsec_$(openssl rand -base64 32)"` prints';

/** Every variable: what it may be, its default, and what to write instead. */
export const environmentSchema = z.object({
  SLACK_BOT_TOKEN: z
    .string()
    .regex(
      /^xox\S+$/,
      'does not look like a token: copy it from "OAuth & Permissions" in your app\'s settings (it starts with xoxb-)',
    )
    .optional(),
  SLACK_SIGNING_SECRET: z
    .string()
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings')
    .optional(),
  SLACK_APP_TOKEN: z
    .string()
    .regex(
      /^xapp-\S+$/,
      'does not look like an app-level token: make one with the scope connections:write under "Basic Information" in your app\'s settings (it starts with xapp-)',
    )
    .optional(),
  SLACK_CLIENT_ID: z
    .string()
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings')
    .optional(),
  SLACK_CLIENT_SECRET: z
    .string()
    .regex(/^\S+$/, 'has white space in it: copy it again from "Basic Information" in your app\'s settings')
    .optional(),
  INSTALL_ALLOWED_TEAMS: z
    .string()
    .default('')
    .transform(splitList)
    .refine((ids) => ids.every((id) => /^[TE][A-Z0-9]+$/.test(id)), {
      error:
        'must be ids of workspaces and organisations with commas between them, such as T012AB3CD,E056EF7GH',
    }),
  PUBLIC_URL: z
    .url({
      protocol: /^https?$/,
      error: 'must be the address at which browsers reach this app, such as https://scopekeeper.example.com',
    })
    // Slack sends browsers back to https alone; a sandbox on this machine does not mind.
    .refine((url) => !/^http:/.test(url) || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(url), {
      error: 'must begin with https://: Slack sends browsers back to nothing else (http only on localhost)',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  TOKEN_ENCRYPTION_KEY: z
    .string()
    .transform((text, context) => {
      const keys = readEncryptionKeys(text);
      if (keys !== undefined) return keys;
      context.addIssue({
        code: 'custom',
        message: `cannot be read: ${KEY_ADVICE}; older keys follow after a comma`,
      });
      return z.NEVER;
    })
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
  SLACK_API_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address, such as https://slack.com/api/' })
    .default('https://slack.com/api/')
    .transform((url) => (url.endsWith('/') ? url : `${url}/`)),
  HTTPS_PROXY: z.url({ protocol: /^https?$/, error: PROXY_ADVICE }).optional(),
  HTTP_PROXY: z.url({ protocol: /^https?$/, error: PROXY_ADVICE }).optional(),
  NO_PROXY: z
    .string()
    .regex(
      /^[\w.*:[\],\s-]+$/,
      'must be names of hosts with commas between them, such as .example.com,10.0.0.7',
    )
    .optional(),
  PORT: z
    .string()
    .default('3000')
    .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, {
      error: 'must be a whole number from 0 to 65535',
    })
    .transform(Number),
  DATABASE_URL: databaseUrl,
  ADMIN_USER_IDS: z
    .string()
    .default('')
    .transform(splitList)
    .refine((ids) => ids.every((id) => /^(T[A-Z0-9]+:)?[UW][A-Z0-9]+$/.test(id)), {
      error:
        'must be users with their workspaces, with commas between them, such as T012AB3CD:U045EF6GH; without a workspace an id counts in that of SLACK_BOT_TOKEN',
    }),
  SCOPE_CATALOG: z.string().default('scopes.json'),
  REQUEST_TTL_MINUTES: z
    .string()
    .default('10')
    .refine((minutes) => /^\d+(\.\d+)?$/.test(minutes) && Number(minutes) > 0 && Number(minutes) <= 1440, {
      error: 'must be a number of minutes over 0, at most 1440, such as 10',
    })
    .transform(Number),
  DENIAL_COOLDOWN_HOURS: z
    .string()
    .default('24')
    .refine((hours) => /^\d+(\.\d+)?$/.test(hours) && Number(hours) <= 8760, {
      error: 'must be a number of hours, at most 8760 (a year), such as 24; 0 turns it off',
    })
    .transform(Number),
  SYNC_INTERVAL_MINUTES: z
    .string()
    .default('60')
    .refine((minutes) => /^\d+(\.\d+)?$/.test(minutes) && Number(minutes) <= 10_080, {
      error: 'must be a number of minutes, at most 10080 (a week), such as 60; 0 turns the sync off',
    })
    .transform(Number),
  TIER2_PER_MINUTE: z
    .string()
    .default('20')
    .refine((calls) => /^[1-9]\d{0,5}$/.test(calls), {
      error: 'must be a whole number of calls a minute from 1, such as 20',
    })
    .transform(Number),
  RETENTION_DAYS: z
    .string()
    .default('0')
    .refine((days) => /^\d{1,5}$/.test(days), {
      error: 'must be a whole number of days, such as 400; 0 keeps entries for ever',
    })
    .transform(Number),
  AUDIT_CHANNEL: z.string().transform(toAuditChannel).optional(),
  AUDIT_WEBHOOK_URL: z
    .url({ protocol: /^https?$/, error: WEBHOOK_ADVICE })
    .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), { error: WEBHOOK_ADVICE, abort: true })
    .optional(),
  AUDIT_WEBHOOK_SECRET: z.string().transform(toWebhookSecret).optional(),
  METRICS_PORT: z
    .string()
    .refine((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535, {
      error: 'must be a whole number from 0 to 65535',
    })
    .transform(Number)
    .optional(),
  METRICS_HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them')
    .default(LOOPBACK),
  METRICS_TOKEN: z
    .string()
    .regex(
      /^\S{16,}$/,
      'must be 16 characters or more without white space, such as `openssl rand -hex 32` prints',
    )
    .optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
});

/** The variables, read. */
export type Values = z.infer<typeof environmentSchema>;

function toAuditChannel(text: string, context: z.RefinementCtx): AuditChannel {
  if (/^[CG][A-Z0-9]+$/.test(text.trim())) return { channel: text.trim() };
  const pairs = splitList(text).map((pair) => /^(T[A-Z0-9]+):([CG][A-Z0-9]+)$/.exec(pair));
  const byTeam = new Map(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? '', pair[2] ?? '']])));
  if (byTeam.size === pairs.length && pairs.length > 0) return { byTeam };
  context.addIssue({
    code: 'custom',
    message:
      'must be the id of a channel, such as C0123ABC, or a pair for each workspace, such as T0123ABC:C0456DEF,T0789GHI:C0012JKL',
  });
  return z.NEVER;
}

/** By Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function toWebhookSecret(text: string, context: z.RefinementCtx): { text: string; bytes: Buffer } {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length >= 24 && bytes.length <= 64) return { text, bytes };
  context.addIssue({ code: 'custom', message: `cannot be read: ${WEBHOOK_SECRET_ADVICE}` });
  return z.NEVER;
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}
