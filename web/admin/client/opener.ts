import { useLocalTimes } from './times.js';

/** Opens an entry under its row; without script, the link opens a page of its own. */
export function openEntries(): void {
  for (const opener of document.querySelectorAll('a.opener')) opener.setAttribute('aria-expanded', 'false');
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || isForAnotherTab(event)) return;
    const opener = event.target.closest<HTMLAnchorElement>('a.opener');
    const row = opener?.closest('tr');
    if (opener === null || row === null || row === undefined) return;
    event.preventDefault();
    void toggle(opener, row);
  });
}

function isForAnotherTab(event: MouseEvent): boolean {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

async function toggle(opener: HTMLAnchorElement, row: HTMLTableRowElement): Promise<void> {
  const next = row.nextElementSibling;
  if (next?.classList.contains('detail')) {
    next.remove();
    opener.setAttribute('aria-expanded', 'false');
    return;
  }
  if (opener.dataset.loading !== undefined) return;
  opener.dataset.loading = '';
  const response = await fetch(`${opener.href}&part=1`).catch(() => undefined);
  delete opener.dataset.loading;
  // Signed out, or unreachable: the page itself shows why.
  if (response === undefined || !response.ok) return location.assign(opener.href);
  const detail = document.createElement('tr');
  detail.className = 'detail';
  detail.setAttribute('role', 'row');
  const cell = document.createElement('td');
  cell.setAttribute('role', 'cell');
  cell.colSpan = row.cells.length;
  // Rendered and escaped by our own server.
  cell.innerHTML = await response.text();
  detail.append(cell);
  useLocalTimes(detail);
  row.after(detail);
  opener.setAttribute('aria-expanded', 'true');
}
