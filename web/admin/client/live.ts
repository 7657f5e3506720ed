import { useLocalTimes } from './times.js';

interface Row {
  seq: number;
  html: string;
}

/** The rest is on the older pages. */
const ROWS_KEPT = 300;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

const ENDS: Record<string, string> = {
  none: 'Signed out: type /permissions log in Slack',
  not_admin: 'You are no longer an admin',
  unknown: 'Not live: Slack does not answer',
  too_many: 'Not live: too many pages are open. Load this one again',
};

/**
 * Inserts new entries at the top of the newest page. Where the reader has scrolled away, or is on an older page, a note shows
 * their number instead, so that the text being read does not move.
 */
export function followLog(): void {
  const live = document.getElementById('live');
  const body = document.querySelector<HTMLElement>('#entries');
  const state = document.getElementById('live-state');
  const note = document.getElementById('new');
  if (live === null || body === null || state === null || note === null || live.dataset.source === undefined)
    return;
  const isNewest = live.dataset.after !== undefined;
  const waiting = new Map<number, Row>();
  let newest = Number(live.dataset.after ?? body.querySelector('tr')?.getAttribute('data-seq') ?? 0);
  let retryMs = FIRST_RETRY_MS;

  const isAway = () => !isNewest || live.getBoundingClientRect().top < 0;
  const show = (text: string, isLive: boolean) => {
    state.hidden = false;
    state.textContent = text;
    state.classList.toggle('on', isLive);
  };

  function take(rows: readonly Row[]): void {
    for (const row of rows) {
      if (document.getElementById(`entry-${row.seq}`) === null) waiting.set(row.seq, row);
      newest = Math.max(newest, row.seq);
    }
    if (waiting.size === 0) return;
    if (isAway()) announce();
    else insert();
  }

  function insert(): void {
    const rows = [...waiting.values()].sort((a, b) => a.seq - b.seq);
    waiting.clear();
    document.getElementById('empty')?.remove();
    for (const { seq, html } of rows) place(seq, html);
    while (body !== null && body.querySelectorAll('tr.entry').length > ROWS_KEPT)
      body.lastElementChild?.remove();
    moveOlder();
    if (note !== null) note.textContent = rows.length === 1 ? '1 new entry' : `${rows.length} new entries`;
    note?.classList.add('unseen');
  }

  function place(seq: number, html: string): void {
    const template = document.createElement('template');
    // Rendered and escaped by our own server.
    template.innerHTML = html;
    useLocalTimes(template.content);
    const row = template.content.firstElementChild;
    if (row === null || body === null) return;
    row.classList.add('fresh');
    row.querySelector('a.opener')?.setAttribute('aria-expanded', 'false');
    // Entries of several workspaces may arrive slightly out of order.
    const below = [...body.querySelectorAll('tr.entry')].find(
      (one) => Number(one.getAttribute('data-seq')) < seq,
    );
    body.insertBefore(row, below ?? null);
  }

  /** Updates the link to the next page, which begins where this one now ends. */
  function moveOlder(): void {
    const older = document.querySelector<HTMLAnchorElement>('#older');
    const last = [...(body?.querySelectorAll('tr.entry') ?? [])].at(-1)?.getAttribute('data-seq');
    if (older === null || last === null || last === undefined) return;
    const href = new URL(older.href);
    href.searchParams.set('before', last);
    older.href = href.href;
  }

  function announce(): void {
    const button = note?.querySelector('button') ?? document.createElement('button');
    button.type = 'button';
    button.textContent = `${waiting.size} new`;
    button.onclick = () => {
      if (!isNewest) return location.assign(live?.dataset.newest ?? '');
      insert();
      window.scrollTo({ top: 0 });
      body?.querySelector<HTMLElement>('a.opener')?.focus({ preventScroll: true });
    };
    note?.classList.remove('unseen');
    if (button.parentElement !== note) note?.replaceChildren(button);
  }

  // Back at the top, the waiting entries are shown.
  addEventListener('scroll', () => waiting.size > 0 && !isAway() && insert(), { passive: true });

  function connect(): void {
    const address = new URL(live?.dataset.source ?? '', location.href);
    address.searchParams.set('from', String(newest));
    const stream = new EventSource(address);
    stream.onopen = () => {
      retryMs = FIRST_RETRY_MS;
      show('Live', true);
    };
    stream.addEventListener('entries', (event) => take(JSON.parse(event.data)));
    stream.addEventListener('ended', (event) => {
      stream.close();
      show(ENDS[event.data] ?? 'Not live', false);
      if (event.data === 'unknown') retry();
    });
    stream.onerror = () => {
      show('Not live: trying again', false);
      // The browser reconnects by itself, except after a response that is no event stream.
      if (stream.readyState === EventSource.CLOSED) retry();
    };
  }

  function retry(): void {
    setTimeout(connect, retryMs);
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
  }

  connect();
}
