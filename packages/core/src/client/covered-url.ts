/**
 * Tells whether a URL is at or beneath a resource, so that the resource's token may go there: the same
 * origin, and the same path or one that continues it after a slash.
 *
 * A path that could leave the resource once a server decodes it (`..%2f`, `%252e%252e`, `..;`) is not
 * beneath it. A resource with a query covers exactly itself.
 *
 * @param resource - a resource identifier as `parseResourceIdentifier` returns it
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, token handling}
 */
export function coversUrl(resource: string, url: URL): boolean {
  const covering = new URL(resource);
  if (url.origin !== covering.origin || url.protocol !== covering.protocol) return false;
  if (url.username !== '' || url.password !== '') return false;
  if (covering.search !== '') return url.pathname === covering.pathname && url.search === covering.search;
  if (url.pathname === covering.pathname) return true;
  const prefix = covering.pathname.endsWith('/') ? covering.pathname : `${covering.pathname}/`;
  return url.pathname.startsWith(prefix) && !climbs(url.pathname.slice(prefix.length));
}

function climbs(path: string): boolean {
  let decoded = path;
  for (let previous = ''; decoded !== previous;) {
    previous = decoded;
    decoded = decoded.replace(/%(2e|2f|5c|25|3b)/gi, (_, code: string) =>
      String.fromCharCode(parseInt(code, 16)),
    );
  }
  return decoded.split(/[/\\]/).some((segment) => /^\.\.(?:;|$)/.test(segment));
}
