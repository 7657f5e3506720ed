import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ElementState, JsonObject, StateValues } from '../../../types';
import { textIn } from '../json';
import { usePage } from '../page-context';
import { initialState } from './element-state';

/** Which message or modal the blocks below belong to. */
export interface FieldPlaceValue {
  key: string;
  target: { messageTs: string } | { viewId: string };
  values: StateValues;
  errors: Record<string, string>;
}

const PlaceContext = createContext<FieldPlaceValue>({
  key: '',
  target: { messageTs: '' },
  values: {},
  errors: {},
});

export const FieldPlace = PlaceContext.Provider;

export interface Field {
  /** For `id` and `for`; unique on the page. */
  id: string;
  /** The error that the app answered for this block. */
  error: string | undefined;
  state: ElementState;
  /** Keeps what was filled in; elements outside input blocks tell the app at once, as in Slack. */
  change(state: ElementState): void;
  press(): void;
}

/** What the element holds now (the draft, else what Slack holds, else the app's initial value), and how to change it. */
export function useField({ block, element }: { block: JsonObject; element: JsonObject }): Field {
  const { key, target, values, errors } = useContext(PlaceContext);
  const { state, drafts, actions } = usePage();
  const blockId = textIn(block, 'block_id');
  const actionId = textIn(element, 'action_id');
  const drafted = drafts[key] ?? {};
  const press = (pressed: StateValues) =>
    actions.act({ user: state.me, do: 'press', ...target, blockId, actionId, values: pressed });
  return {
    id: `field-${key}-${blockId}-${actionId}`.replace(/[^\w-]/g, '_'),
    error: errors[blockId],
    state: drafted[blockId]?.[actionId] ?? values[blockId]?.[actionId] ?? initialState(element),
    change(changed) {
      actions.saveDraft(key, blockId, actionId, changed);
      const tellsAtOnce = textIn(block, 'type') !== 'input' || block.dispatch_action === true;
      const isText = textIn(element, 'type') === 'plain_text_input';
      if (tellsAtOnce && !isText) {
        press({ ...drafted, [blockId]: { ...drafted[blockId], [actionId]: changed } });
      }
    },
    press: () => press(drafted),
  };
}
