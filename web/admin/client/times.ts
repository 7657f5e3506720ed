const FORMATS: Record<string, Intl.DateTimeFormatOptions> = {
  second: { dateStyle: 'medium', timeStyle: 'medium' },
  minute: { dateStyle: 'medium', timeStyle: 'short' },
  day: { dateStyle: 'medium' },
};

const formats = new Map(
  Object.entries(FORMATS).map(([style, options]) => [style, new Intl.DateTimeFormat(undefined, options)]),
);

/** Replaces UTC by the reader's own zone, and keeps UTC in the tooltip. */
export function useLocalTimes(within: ParentNode): void {
  for (const time of within.querySelectorAll('time[data-style]')) {
    const at = new Date(time.getAttribute('datetime') ?? '');
    const format = formats.get(time.getAttribute('data-style') ?? '');
    if (format !== undefined && !Number.isNaN(at.getTime())) time.textContent = format.format(at);
  }
}
