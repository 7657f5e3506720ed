/**
 * The way in by a private link. Its secret stands behind the # of the address, which browsers send to nobody: from there it
 * goes into the form. Without script, people paste the address themselves.
 */
function takeLink(): void {
  const form = document.querySelector<HTMLFormElement>('#enter');
  const field = form?.querySelector<HTMLInputElement>('input[name="link"]');
  const secret = location.hash.slice(1);
  if (form === null || field === null || field === undefined || secret === '') return;
  field.value = secret;
  for (const byHand of form.querySelectorAll<HTMLElement>('[data-by-hand]')) byHand.hidden = true;
  void sayWhose(form, secret);
}

/** Looks, and leaves the link as it is. */
async function sayWhose(form: HTMLFormElement, secret: string): Promise<void> {
  const body = new URLSearchParams({ link: secret, look: '1' });
  const response = await fetch(form.action, { method: 'POST', body }).catch(() => undefined);
  const place = document.getElementById('whose');
  if (response === undefined || place === null || (!response.ok && response.status !== 410)) return;
  // Made and escaped by our own server.
  place.innerHTML = await response.text();
  const button = form.querySelector('button');
  if (button !== null) button.hidden = !response.ok;
}

// Another link that is opened in this tab changes only what stands behind the #, and loads nothing.
addEventListener('hashchange', () => location.reload());
takeLink();
