/** 14:03:09, in the time zone of whoever looks. */
export function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** 3 ms, 12.0 s: short enough for a list. */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Slack's `<!date^…>`: its words for a date all read the same here, those for a time differ in the seconds. */
export function dateText(at: number, format: string): string {
  const date = new Date(at);
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = clockTime(at);
  return format
    .replace(/\{(date\w*|day_divider_pretty)\}/g, day)
    .replaceAll('{time_secs}', time)
    .replace(/\{(time|ago)\}/g, time.slice(0, 5));
}
