/**
 * Reads a `Retry-After` header: seconds, or an HTTP date turned into seconds from now.
 *
 * Does not clamp: the caller knows what is sensible. Returns `undefined` for anything malformed.
 *
 * @param value - the header's value
 * @param nowMilliseconds - the current time in milliseconds since the epoch
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110 §10.2.3}
 */
export function parseRetryAfter(
  value: string | null | undefined,
  nowMilliseconds: number,
): number | undefined {
  if (value === null || value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = text.endsWith('GMT') ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMilliseconds) / 1000));
}
