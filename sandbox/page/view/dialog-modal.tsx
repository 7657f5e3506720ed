import type { ClientDialog } from '../../types';
import { DialogField } from './dialog-field';
import { objectsIn, textIn } from './json';
import { ModalFrame } from './modal-frame';
import { usePage } from './page-context';

/** What `dialog.open` shows: the older kind of form. */
export function DialogModal({ modal }: { modal: ClientDialog }) {
  const { state, drafts, actions } = usePage();
  const { id, dialog, values, errors } = modal;
  const filled = drafts[id]?.[''] ?? {};
  const heldBy = (element: Record<string, unknown>) => {
    const name = textIn(element, 'name');
    const draft = filled[name];
    return draft ? textIn(draft, 'value') : (values[name] ?? textIn(element, 'value'));
  };
  const elements = objectsIn(dialog, 'elements');
  const cancel = () => actions.act({ user: state.me, do: 'cancel' });
  const submit = () => {
    const submission = Object.fromEntries(elements.map((each) => [textIn(each, 'name'), heldBy(each)]));
    actions.act({ user: state.me, do: 'submit', submission });
  };
  return (
    <ModalFrame
      id={id}
      title={textIn(dialog, 'title')}
      kicker={`${state.appName}, dialog`}
      errors={errors}
      onClose={cancel}
      onSubmit={submit}
      foot={
        <>
          <button type="button" class="button button-default" onClick={cancel}>
            Cancel
          </button>
          <button type="submit" class="button button-primary">
            {textIn(dialog, 'submit_label') || 'Submit'}
          </button>
        </>
      }
    >
      {elements.map((element) => {
        const name = textIn(element, 'name');
        return (
          <DialogField
            key={name}
            id={`field-${id}-${name}`.replace(/[^\w-]/g, '_')}
            element={element}
            value={heldBy(element)}
            error={errors[name]}
            onChange={(value) => actions.saveDraft(id, '', name, { value })}
          />
        );
      })}
    </ModalFrame>
  );
}
