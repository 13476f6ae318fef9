import { OAuthError } from './oauth-error.ts';
import type { RecordedRequest } from './recorded-request.ts';

/**
 * Reads the parameters of a POST with an `application/x-www-form-urlencoded` body, each at most once.
 *
 * @param repeatable - parameters that may come several times, such as `resource`
 * @throws OAuthError `invalid_request`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 | RFC 6749 §3.2}
 */
export function readForm(request: RecordedRequest, repeatable: readonly string[] = []): URLSearchParams {
  if (request.method !== 'POST') throw new OAuthError('invalid_request', 'Use POST.', 405);
  const contentType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (contentType !== 'application/x-www-form-urlencoded') {
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams(request.body);
  const seen = new Set<string>();
  for (const name of form.keys()) {
    if (seen.has(name) && !repeatable.includes(name)) {
      throw new OAuthError('invalid_request', `The parameter ${name} may be sent once only.`);
    }
    seen.add(name);
  }
  return form;
}
