/**
 * Lets pages of any origin read metadata and challenges: neither depends on who asks, and no cookie is
 * involved. Answers of the MCP server itself stay the application's to open.
 *
 * @see {@link https://fetch.spec.whatwg.org/#http-cors-protocol | Fetch, CORS protocol}
 */
export const READABLE_BY_PAGES: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'WWW-Authenticate, DPoP-Nonce, Retry-After',
};

/**
 * What a page has to ask for before it may send it: any header, as a tool's parameters may come in headers of
 * their own (`Mcp-Param-…`). `*` does not cover `Authorization`, and older browsers know the names alone.
 */
const REQUEST_HEADERS =
  'Authorization, DPoP, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, *';

/** Answers a preflight, which carries no credentials and so cannot be authenticated. */
export function createPreflightHeaders(methods: string): Readonly<Record<string, string>> {
  return {
    ...READABLE_BY_PAGES,
    'Access-Control-Allow-Methods': methods,
    'Access-Control-Allow-Headers': REQUEST_HEADERS,
    'Access-Control-Max-Age': '600',
  };
}
