import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { usePage } from './page-context';

interface ModalFrameProps {
  /** Unique on the page, for the title's id. */
  id: string;
  title: string;
  /** A word above the title: what kind of thing this is. */
  kicker: string;
  class?: string;
  /** Changes when the app refuses what was sent: the focus goes to the first field that is wrong. */
  errors?: Record<string, string>;
  onClose(): void;
  onSubmit?(): void;
  children: ComponentChildren;
  foot: ComponentChildren;
}

/**
 * The native `<dialog>`: it holds the focus inside, makes the rest inert, and closes by Escape. Whether it is open is
 * the workspace's to say, so Escape only asks; it goes when the state says that it is gone.
 */
export function ModalFrame({ id, title, kicker, errors, onClose, onSubmit, ...rest }: ModalFrameProps) {
  const { actions, notice } = usePage();
  const dialog = useRef<unknown>(null);
  useLayoutEffect(() => actions.showModal(dialog.current), [actions]);
  const wrong = JSON.stringify(errors ?? {});
  // The fields' own errors say more than a notice about them.
  const said = errors?.[''] || (wrong === '{}' ? notice : '');
  useLayoutEffect(() => {
    if (wrong !== '{}') actions.focusInvalid(dialog.current);
  }, [wrong, actions]);
  useLayoutEffect(() => actions.keepFocus(dialog.current));
  const titleId = `${id}-title`.replace(/[^\w-]/g, '_');
  return (
    <dialog
      open
      class={rest.class ? `modal ${rest.class}` : 'modal'}
      aria-labelledby={titleId}
      ref={(element) => {
        dialog.current = element;
      }}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form
        method="dialog"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <header class="modal-head">
          <div>
            <p class="kicker">{kicker}</p>
            <h2 id={titleId} tabIndex={-1}>
              {title}
            </h2>
          </div>
          <button type="button" class="close" aria-label="Close" onClick={onClose}>
            <span aria-hidden="true">×</span>
          </button>
        </header>
        {said ? (
          <p class="modal-error" role="alert">
            {said}
          </p>
        ) : null}
        <div class="modal-body">{rest.children}</div>
        <footer class="modal-foot">{rest.foot}</footer>
      </form>
    </dialog>
  );
}
