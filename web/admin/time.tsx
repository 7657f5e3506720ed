/** A time in UTC; a script replaces it by the reader's own zone. */
export function Time({ at, style = 'second' }: { at: string; style?: 'second' | 'minute' | 'day' }) {
  return (
    <time dateTime={at} data-style={style} title={at}>
      {toUtcText(at, style)}
    </time>
  );
}

function toUtcText(at: string, style: 'second' | 'minute' | 'day'): string {
  const length = { second: 19, minute: 16, day: 10 }[style];
  return `${at.slice(0, length).replace('T', ' ')}${style === 'day' ? '' : ' UTC'}`;
}

/** "1 h 5 min", "12 s", "340 ms". */
export function toDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
