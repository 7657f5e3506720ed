import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { toMessage } from '../runtime/errors';

/** How a permission request reaches the user. */
export type BackendKind = 'native' | 'oauth';

/** One scope that users may be asked for. */
export interface CatalogEntry {
  /** Slack's name of the scope, for instance `reminders:write:user`. */
  scope: string;
  /** What it lets the app do, in a few words: a Block Kit option holds 75 characters. */
  label: string;
  /** Why it is asked, as the user reads it. */
  reason: string;
  /** Left out: both. */
  backends?: readonly BackendKind[] | undefined;
}

/** What may be asked. Nothing outside it ever reaches Slack. */
export interface Catalog {
  entries: readonly CatalogEntry[];
  /** By its name, also in the form that OAuth has for it: `reminders:write`. */
  find(scope: string): CatalogEntry | undefined;
}

/** Whether Slack grants it by this backend. Undefined: the backend is not known yet. */
export function isOffered({ backends }: CatalogEntry, kind: BackendKind | undefined): boolean {
  return backends === undefined || (kind !== undefined && backends.includes(kind));
}

// Slack's limits: https://docs.slack.dev/reference/block-kit/composition-objects/option-object and 100 options a select.
const entrySchema = z.strictObject({
  scope: z
    .string()
    .regex(
      /^[a-z][a-z0-9_.:-]{1,74}$/,
      'must be a Slack scope of at most 75 characters, such as reminders:write:user',
    ),
  label: z.string().trim().min(1, 'must not be empty').max(75, 'must have at most 75 characters'),
  reason: z.string().trim().min(1, 'must not be empty').max(300, 'must have at most 300 characters'),
  backends: z
    .array(z.enum(['native', 'oauth'], 'must be native or oauth'))
    .min(1, 'must name native, oauth or both; leave it out for both')
    .optional(),
});
const catalogSchema = z
  .array(entrySchema)
  .min(1, 'must list at least one scope')
  .max(100, 'must list at most 100 scopes');

/** Reads a catalog file; answers with every fault that it has, each with what to write. */
export function loadCatalog(path: string): { catalog: Catalog } | { faults: string[] } {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return {
      faults: [
        `SCOPE_CATALOG: ${path} cannot be read as JSON (${toMessage(error)}). Copy the shipped scopes.json and edit it.`,
      ],
    };
  }
  const parsed = catalogSchema.safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => {
      const [index, field] = issue.path;
      const place =
        index === undefined
          ? 'the list'
          : `entry ${Number(index) + 1}${field === undefined ? '' : `, ${String(field)}`}`;
      return `SCOPE_CATALOG: ${path}: ${place}: ${issue.message}.`;
    });
    return { faults };
  }
  const byScope = new Map(parsed.data.map((entry) => [entry.scope, entry]));
  if (byScope.size < parsed.data.length) {
    return { faults: [`SCOPE_CATALOG: ${path}: a scope stands in it twice. Keep one entry for each.`] };
  }
  return {
    catalog: { entries: parsed.data, find: (scope) => byScope.get(scope) ?? byScope.get(`${scope}:user`) },
  };
}
