const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[A-Za-z0-9._~-]/;

/**
 * Tells whether `htu` names the URL of a request, both in their normal form: scheme and host in lower case, no
 * default port, no dot segments, no needless percent-encoding, and without query and fragment.
 *
 * A trailing slash is a difference. What is no URL, or has a user name in it, names nothing.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 | RFC 9449 §4.3},
 *   {@link https://www.rfc-editor.org/rfc/rfc3986#section-6.2 | RFC 3986 §6.2.2 and §6.2.3}
 */
export function isSameTarget(htu: string, url: string): boolean {
  const target = normalizeTarget(url);
  return target !== undefined && (htu === target || normalizeTarget(htu) === target);
}

/** The normal form of a URL without query and fragment; `undefined` for what is no http or https URL. */
export function normalizeTarget(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return undefined;
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return undefined;
  const { origin, pathname } = parsed;
  return origin + (pathname.includes('%') ? pathname.replace(ESCAPE, normalizeEscape) : pathname);
}

function normalizeEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}
