/**
 * How long a response may be used, by its `Cache-Control` and `Age`, between two bounds.
 *
 * `no-store` and `no-cache` count as no lifetime and so as the lower bound. `Expires` is not read.
 *
 * @param headers - the response's headers
 * @param bounds - in seconds; `default` applies when nothing is said
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-4.2.1 | RFC 9111 §4.2.1}
 */
export function cacheLifetimeSeconds(
  headers: Headers,
  bounds: { readonly min: number; readonly default: number; readonly max: number },
): number {
  const directives = (headers.get('cache-control') ?? '').toLowerCase();
  if (/\bno-(?:store|cache)\b/.test(directives)) return bounds.min;
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,12})\b/.exec(directives)?.[1];
  if (maxAge === undefined) return bounds.default;
  const age = /^\d{1,12}$/.exec(headers.get('age') ?? '')?.[0] ?? '0';
  return Math.min(bounds.max, Math.max(bounds.min, Number(maxAge) - Number(age)));
}
