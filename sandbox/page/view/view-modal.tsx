import type { ClientModal } from '../../types';
import { Blocks } from './blocks/blocks';
import { FieldPlace } from './blocks/field-place';
import { labelIn, objectsIn } from './json';
import { ModalFrame } from './modal-frame';
import { usePage } from './page-context';

/** What `views.open` shows. */
export function ViewModal({ modal }: { modal: ClientModal }) {
  const { state, drafts, actions } = usePage();
  const { id, view, values, errors, depth } = modal;
  const cancel = () => actions.act({ user: state.me, do: 'cancel' });
  const submit = () => actions.act({ user: state.me, do: 'submit', values: drafts[id] ?? {} });
  const submitLabel = labelIn(view, 'submit');
  return (
    <ModalFrame
      id={id}
      title={labelIn(view, 'title')}
      kicker={depth > 1 ? `${state.appName}, ${depth} deep` : state.appName}
      errors={errors}
      onClose={cancel}
      onSubmit={submitLabel ? submit : undefined}
      foot={
        <>
          <button type="button" class="button button-default" onClick={cancel}>
            {labelIn(view, 'close') || 'Cancel'}
          </button>
          {submitLabel ? (
            <button type="submit" class="button button-primary">
              {submitLabel}
            </button>
          ) : null}
        </>
      }
    >
      <FieldPlace value={{ key: id, target: { viewId: id }, values, errors }}>
        <Blocks blocks={objectsIn(view, 'blocks')} />
      </FieldPlace>
    </ModalFrame>
  );
}
