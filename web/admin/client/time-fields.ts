/**
 * Times in the filter's form are shown and picked in the reader's zone. What is sent is UTC, by a hidden field: whoever is
 * given the address sees the same entries, wherever they are.
 */
export function useLocalFields(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-time]')) {
    // What could not be read stays as it was written.
    if (field.value !== '' && toLocal(field.value) === undefined) continue;
    const sent = document.createElement('input');
    sent.type = 'hidden';
    sent.name = field.name;
    sent.value = field.value;
    field.after(sent);
    field.removeAttribute('name');
    field.type = 'datetime-local';
    field.value = toLocal(sent.value) ?? '';
    field.addEventListener('input', () => {
      const at = new Date(field.value);
      sent.value = Number.isNaN(at.getTime()) ? '' : at.toISOString().replace(/:00\.000Z$/, 'Z');
    });
    const zone = document.querySelector(`label[for="${field.id}"] .zone`);
    if (zone !== null) zone.textContent = ' (your time)';
  }
}

/** In the form that such a field wants; undefined where it is no time. */
function toLocal(utc: string): string | undefined {
  if (utc === '') return '';
  const hasZone = /(Z|[+-]\d\d:\d\d)$/i.test(utc);
  const at = new Date(utc.includes('T') && !hasZone ? `${utc}Z` : utc);
  if (Number.isNaN(at.getTime())) return undefined;
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
