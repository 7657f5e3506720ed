/**
 * Sign-in by a private link. Its secret is the fragment of the address, which browsers never send: this copies it into the form.
 * Without script, people paste the address themselves.
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

/** Shows whose link it is, without consuming it. */
async function sayWhose(form: HTMLFormElement, secret: string): Promise<void> {
  const body = new URLSearchParams({ link: secret, look: '1' });
  const response = await fetch(form.action, { method: 'POST', body }).catch(() => undefined);
  const place = document.getElementById('whose');
  if (response === undefined || place === null || (!response.ok && response.status !== 410)) return;
  // Rendered and escaped by our own server.
  place.innerHTML = await response.text();
  const button = form.querySelector('button');
  if (button !== null) button.hidden = !response.ok;
}

// Another link opened in this tab changes only the fragment, which loads no page.
addEventListener('hashchange', () => location.reload());
takeLink();
