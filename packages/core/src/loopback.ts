const LOOPBACK_IPV4 = /^127(?:\.\d{1,3}){3}$/;

/**
 * Tells whether a URL's host is this machine's loopback interface: `localhost`, `*.localhost`,
 * `127.0.0.0/8` or `[::1]`.
 *
 * Does not resolve names: a public name that points at loopback is not loopback here.
 *
 * @param hostname - `hostname` of a parsed `URL` (lower case, IPv6 in brackets)
 * @see {@link https://www.rfc-editor.org/rfc/rfc8252#section-7.3 | RFC 8252 §7.3}
 */
export function isLoopbackHostname(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    LOOPBACK_IPV4.test(hostname)
  );
}
