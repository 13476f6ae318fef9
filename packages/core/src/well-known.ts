/**
 * Address of a resource's metadata document: the well-known segment goes between host and path.
 *
 * @param resource - a resource identifier as `parseResourceIdentifier` returns it
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.1 | RFC 9728 §3.1}
 */
export function protectedResourceMetadataUrl(resource: string): string {
  const url = new URL(resource);
  const path = url.pathname === '/' ? '' : url.pathname;
  // A backslash is no character of a URL, and a header's quoted string would read it as an escape.
  return `${url.origin}/.well-known/oauth-protected-resource${path}${url.search.replaceAll('\\', '%5C')}`;
}

/**
 * Addresses at which an issuer may publish its metadata, in the order they are tried: RFC 8414 with the
 * path after the well-known segment, OpenID Connect likewise, OpenID Connect with the segment appended.
 *
 * @param issuer - an issuer identifier as `parseIssuerIdentifier` returns it
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, authorization server metadata discovery},
 *   {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 | RFC 8414 §3.1}
 */
export function authorizationServerMetadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  if (path === '') {
    return [`${origin}/.well-known/oauth-authorization-server`, `${origin}/.well-known/openid-configuration`];
  }
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}
