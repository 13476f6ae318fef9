const ABSOLUTE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** A time as people say it: `in 3 days`. */
export function sayRelative(at: number, now = Date.now()): string {
  const seconds = (at - now) / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  if (unit === 'second') return seconds > 0 ? 'in less than a minute' : 'just now';
  return RELATIVE.format(Math.round(seconds / size), unit);
}

/** A date in full. */
export function sayAbsolute(at: number): string {
  return ABSOLUTE.format(at);
}

/** A time: as people say it, and the date beside. */
export function When({ at, never = 'never' }: { at: string | undefined; never?: string }) {
  if (at === undefined) return <span className="dimmed">{never}</span>;
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={sayAbsolute(time)}>
      {sayRelative(time)}
    </time>
  );
}

/** A date in full, and how far away it is. */
export function Until({ at }: { at: string }) {
  const time = Date.parse(at);
  return (
    <time dateTime={at}>
      {sayAbsolute(time)} ({sayRelative(time)})
    </time>
  );
}
