import type { AuthorizationGrant } from './authorization-grant.ts';

/**
 * The client asks in its own name, with nothing but its own credential. What a token source uses by default.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4}
 */
export function clientCredentials(): AuthorizationGrant {
  const parameters = { grant_type: 'client_credentials' };
  return { grantType: 'client_credentials', createParameters: async () => ({ parameters }) };
}
