/**
 * Makes the dialog modal: the browser keeps the focus inside, and what lies behind is out of reach. What is returned
 * closes it and gives the focus back to where it was; to the composer, where that is gone.
 */
export function showModal(dialog: unknown): () => void {
  if (!(dialog instanceof HTMLDialogElement)) return () => {};
  const before = document.activeElement;
  // The server rendered it open but not modal, which showModal() does not accept.
  dialog.close();
  dialog.showModal();
  const first = dialog.querySelector<HTMLElement>('.modal-body :is(input, select, textarea, .multi-button)');
  const isQuestion = dialog.classList.contains('modal-permission');
  // Slack's question opens on its title: an Enter meant for the composer must not answer it.
  (isQuestion ? dialog.querySelector<HTMLElement>('h2') : first)?.focus();
  return () => {
    dialog.close();
    const composer = document.getElementById('composer');
    const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body;
    (isThere ? before : composer)?.focus();
  };
}

export function focusInvalid(container: unknown): void {
  if (!(container instanceof HTMLElement)) return;
  const wrong = container.querySelector<HTMLElement>('[aria-invalid="true"]');
  const focusable = wrong?.matches('fieldset') ? wrong.querySelector<HTMLElement>('input') : wrong;
  focusable?.focus();
}

/** A view that is updated may take away the very button that was pressed. */
export function keepFocus(container: unknown): void {
  if (document.activeElement !== document.body || !(container instanceof HTMLElement)) return;
  container.querySelector<HTMLElement>('h2')?.focus();
}

export function scrollToEnd(list: unknown): void {
  if (list instanceof HTMLElement) list.scrollTop = list.scrollHeight;
}
