import { parseSecureUrl } from './secure-url.ts';

/**
 * Validates the identifier of a protected MCP server and returns its canonical form.
 *
 * The canonical form is what goes into `resource` of the metadata, the `resource` parameter of token
 * requests and the audience of tokens: scheme and host in lower case, no default port, no fragment, and
 * no slash after a bare origin. Path and query are kept as they are.
 *
 * Does not check that a server answers there.
 *
 * @param value - URL of the MCP endpoint, for example `https://mcp.example.com/mcp`
 * @param option - the option's name, for the message; `resource` unless given
 * @throws TypeError when the value is not an absolute https (or loopback http) URL
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 | RFC 8707 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc9728#section-1.2 | RFC 9728 §1.2}
 */
export function parseResourceIdentifier(value: unknown, option = 'resource'): string {
  const url = parseSecureUrl(value, option);
  return url.pathname === '/' && url.search === '' ? url.origin : url.href;
}
