import type { KnownBlock } from '@slack/web-api';
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

/** The input state of a message, App Home or modal, as much as is used. */
interface InputState {
  values: Record<string, Record<string, { selected_options?: { value?: string | undefined }[] | null }>>;
}

export function selectedScopes(state: InputState | undefined): string[] {
  const selected = state?.values[ids.blocks.scopes]?.[ids.inputs.scopes]?.selected_options ?? [];
  return selected.flatMap(({ value }) => value ?? []);
}
