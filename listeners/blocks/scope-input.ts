import type { KnownBlock } from '@slack/web-api';
import { z } from 'zod';
import type { CatalogEntry } from '../../services/config/catalog';
import { ids } from './ids';
import { plain } from './text';

/** The multi-select of scopes, the same in the overview and in the modal. */
export function scopeInput(entries: readonly CatalogEntry[]): KnownBlock {
  return {
    type: 'input',
    block_id: ids.blocks.scopes,
    label: plain('Permissions'),
    element: {
      type: 'multi_static_select',
      action_id: ids.inputs.scopes,
      placeholder: plain('Choose one or more'),
      options: entries.map((entry) => ({
        text: plain(entry.label),
        description: plain(entry.scope),
        value: entry.scope,
      })),
    },
  };
}

/** What stands in the inputs of a message, a home or a modal, as much of it as is used. */
export const stateSchema = z.object({
  values: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        selected_options: z.array(z.object({ value: z.string() })).nullish(),
        value: z.string().nullish(),
      }),
    ),
  ),
});

export function selectedScopes(state: z.infer<typeof stateSchema> | undefined): string[] {
  const selected = state?.values[ids.blocks.scopes]?.[ids.inputs.scopes]?.selected_options ?? [];
  return selected.map(({ value }) => value);
}
