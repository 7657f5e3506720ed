import { useLocalTimes } from './times.js';

const QUICK_MS = 1_000;
const SLOW_MS = 15_000;

/** Refreshes a part of the page: often while something is running, otherwise seldom. */
export function pollParts(): void {
  const part = document.querySelector<HTMLElement>('[data-poll]');
  if (part === null) return;
  let last = '';

  async function poll(place: HTMLElement): Promise<void> {
    // The page is hidden.
    if (document.hidden) return schedule(place);
    const response = await fetch(place.dataset.poll ?? '').catch(() => undefined);
    // Signed out: reloading shows why.
    if (response?.status === 401 || response?.status === 403) return location.reload();
    const html = response?.ok ? await response.text() : last;
    if (html !== last && last !== '' && !place.contains(document.activeElement)) {
      place.innerHTML = html;
      useLocalTimes(place);
    }
    last = html;
    schedule(place);
  }

  function schedule(place: HTMLElement): void {
    const isRunning = place.querySelector('[data-running]') !== null;
    setTimeout(() => void poll(place), isRunning ? QUICK_MS : SLOW_MS);
  }

  setTimeout(() => void poll(part), QUICK_MS);
}
