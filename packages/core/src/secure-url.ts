import { isLoopbackHostname } from './loopback.ts';
import { printable } from './printable-text.ts';

/**
 * Parses a configured URL that credentials or keys depend on, and refuses what cannot be trusted.
 *
 * Accepts `https:`, and `http:` on a loopback host only. Refuses user information and fragments.
 * Does not resolve or contact the host.
 *
 * @param value - the value as configured
 * @param option - the option's name, for the message
 * @throws TypeError naming the option, what was received and the mend
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-1.2 | RFC 9728 §1.2},
 *   {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414 §2}
 */
export function parseSecureUrl(value: unknown, option: string): URL {
  if (typeof value !== 'string' && !(value instanceof URL)) {
    throw new TypeError(
      `${option} must be an absolute URL such as "https://mcp.example.com/mcp", received ${value === undefined ? 'nothing' : printable(value)}.`,
    );
  }
  const url = URL.parse(String(value));
  if (url === null) {
    throw new TypeError(`${option} must be an absolute URL, received ${shown(value)}.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(
      `${option} must not contain a user name or password; remove what stands before the "@".`,
    );
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHostname(url.hostname))) {
    throw new TypeError(
      `${option} must use https (http is accepted for localhost, 127.0.0.1 and [::1] only), received ${shown(value)}.`,
    );
  }
  if (String(value).includes('#')) {
    throw new TypeError(`${option} must not contain a fragment; remove the "#" and what follows.`);
  }
  return url;
}

/** Without what stands before the last "@", a slash included: a password must not end up in a log. */
function shown(value: string | URL): string {
  return printable(String(value).replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1'));
}
