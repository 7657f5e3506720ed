/**
 * Times in the filter form are shown and picked in the reader's zone. A hidden field submits UTC, so that a shared address shows
 * the same entries in every zone.
 */
export function useLocalFields(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>('input[data-time]')) {
    // What cannot be read stays as typed.
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

/** As the value of a `datetime-local` field; undefined where it is no time. */
function toLocal(utc: string): string | undefined {
  if (utc === '') return '';
  const hasZone = /(Z|[+-]\d\d:\d\d)$/i.test(utc);
  const at = new Date(utc.includes('T') && !hasZone ? `${utc}Z` : utc);
  if (Number.isNaN(at.getTime())) return undefined;
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
