import type { ClientAuthentication } from './client-authentication.ts';

/**
 * Names the client and proves nothing: for a grant whose assertion is the credential, such as a workload's token.
 *
 * By itself it is no proof. A server gives a public client no token for the client-credentials grant.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1 | RFC 6749 §3.2.1},
 *   {@link https://www.rfc-editor.org/rfc/rfc7521#section-4.1 | RFC 7521 §4.1} (an assertion as the grant)
 */
export function noClientAuthentication(): ClientAuthentication {
  return {
    method: 'none',
    authenticate(request, { clientId }) {
      request.parameters.set('client_id', clientId);
    },
  };
}
