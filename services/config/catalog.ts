import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { toErrorMessage } from '../runtime/errors';

/** How a permission request reaches the user. */
export type BackendKind = 'native' | 'oauth';

/** A scope that users may be asked for. */
export interface CatalogEntry {
  /** Slack's name of the scope, for instance `reminders:write:user`. */
  scope: string;
  /** What the scope lets the app do; at most 75 characters, the limit of a Block Kit option. */
  label: string;
  /** Why the app asks for it, in words for the user. */
  reason: string;
  /** Undefined: both. */
  backends?: readonly BackendKind[] | undefined;
}

/** The scopes that may be asked for. No other scope ever reaches Slack. */
export interface Catalog {
  entries: readonly CatalogEntry[];
  /** Finds a scope by its name, or by its OAuth name: `reminders:write`. */
  find(scope: string): CatalogEntry | undefined;
}

/** Whether this backend can ask for the scope. `kind` is undefined until the backend is known. */
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

/** Reads a catalog file. Returns every fault it has, each with what to write instead. */
export function loadCatalog(path: string): { catalog: Catalog } | { faults: string[] } {
  const toFaults = (...faults: string[]) => ({ faults: faults.map((fault) => `SCOPE_CATALOG: ${fault}`) });
  if (!existsSync(path))
    return toFaults(`there is no file ${path}. Name a JSON file, or leave it out for the shipped one.`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return toFaults(
      `${path} cannot be read as JSON (${toErrorMessage(error)}). Copy the shipped scopes.json and edit it.`,
    );
  }
  const parsed = catalogSchema.safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: [index, field], message }) => {
      if (index === undefined) return `${path}: the list: ${message}.`;
      return `${path}: entry ${Number(index) + 1}${field === undefined ? '' : `, ${String(field)}`}: ${message}.`;
    });
    return toFaults(...faults);
  }
  const byScope = new Map(parsed.data.map((entry) => [entry.scope, entry]));
  if (byScope.size < parsed.data.length)
    return toFaults(`${path}: a scope stands in it twice. Keep one entry for each.`);
  return {
    catalog: { entries: parsed.data, find: (scope) => byScope.get(scope) ?? byScope.get(`${scope}:user`) },
  };
}
