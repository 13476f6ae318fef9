import { parseSecureUrl } from './secure-url.ts';

/**
 * Validates the identifier of an authorization server and returns it unchanged.
 *
 * Issuers are compared character by character everywhere (a trailing slash counts), so nothing is
 * normalised.
 *
 * @param value - the issuer, for example `https://auth.example.com`
 * @param option - the option's name, for the message; `issuer` unless given
 * @throws TypeError when the value is not an absolute https (or loopback http) URL, or has a query
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414 §2}
 */
export function parseIssuerIdentifier(value: unknown, option = 'issuer'): string {
  const url = parseSecureUrl(value, option);
  if (String(value).includes('?')) {
    throw new TypeError(`${option} must not contain a query; remove the "?" and what follows.`);
  }
  return typeof value === 'string' ? value : url.href;
}
