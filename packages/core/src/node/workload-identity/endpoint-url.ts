import { AssertionSourceError } from '../../client/grants/assertion-source.ts';
import { printable } from '../../printable-text.ts';

/**
 * Parses the address of an endpoint as a platform's variable gives it: https anywhere, plain http only where the
 * source says so.
 *
 * @param variable - its name, for the message
 * @param allowsPlainHttp - judges the `hostname` of an http address
 * @param plainHttp - the hosts that it allows, in words
 * @throws AssertionSourceError
 */
export function parseEndpointUrl(
  value: string,
  variable: string,
  source: string,
  allowsPlainHttp: (hostname: string) => boolean,
  plainHttp: string,
): URL {
  const url = URL.parse(value);
  const acceptable =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && allowsPlainHttp(url.hostname))) &&
    url.username === '' &&
    url.password === '' &&
    url.hash === '';
  if (acceptable) return url;
  throw new AssertionSourceError(source, {
    from: `the variable ${variable}`,
    expected: `an https URL without user information (http for ${plainHttp} only)`,
    received: url === null ? 'no URL' : printable(`${url.protocol}//${url.host}`),
    hint: 'The platform sets this variable: nothing is sent to an address that it would not set.',
    passing: false,
  });
}
