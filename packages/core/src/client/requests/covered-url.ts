/** The last one finds nothing left to decode. */
const MOST_DECODINGS = 8;

/**
 * Tells whether a URL is at or beneath a resource, so that the resource's token may go there: the same
 * origin, and the same path or one that continues it after a slash.
 *
 * A path that could leave the resource once a server decodes it (`..%2f`, `%252e%252e`, `..;`) is not
 * beneath it; nor is one with encoded control characters, with bytes that are not UTF-8, or encoded more than
 * seven times. A resource with a query covers exactly itself.
 *
 * @param resource - a resource identifier as `parseResourceIdentifier` returns it
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, token handling}
 */
export function coversUrl(resource: string, url: URL): boolean {
  return createUrlCoverage(resource)(url);
}

/** {@link coversUrl} for one resource, which is parsed once. */
export function createUrlCoverage(resource: string): (url: URL) => boolean {
  const { origin, protocol, pathname, search } = new URL(resource);
  const prefix = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return (url) => {
    if (url.origin !== origin || url.protocol !== protocol) return false;
    if (url.username !== '' || url.password !== '') return false;
    if (search !== '') return url.pathname === pathname && url.search === search;
    if (url.pathname === pathname) return true;
    return url.pathname.startsWith(prefix) && !mayClimb(url.pathname.slice(prefix.length));
  };
}

function mayClimb(path: string): boolean {
  const decoded = decodeFully(path);
  if (decoded === undefined || /\p{Cc}/u.test(decoded)) return true;
  return decoded.split(/[/\\]/).some((segment) => /^\s*\.\.\s*(?:;|$)/.test(segment));
}

/** Decodes until nothing is left to decode; `undefined` where that takes too long or gives no UTF-8. */
function decodeFully(path: string): string | undefined {
  let decoded = path;
  try {
    for (let round = 0; round < MOST_DECODINGS; round++) {
      const previous = decoded;
      decoded = decoded.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
      if (decoded === previous) return decoded;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
