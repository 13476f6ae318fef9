import type { ClientAuthentication } from './client-authentication.ts';

/**
 * Authenticates with the certificate of the TLS connection, which an authority that the server trusts has issued.
 *
 * Sends the client's id only and takes no key: `fetch` must present the certificate, as one by `createNodeFetch` of
 * `@mcp-m2m/core/node` does. Whether it does is not checked; without it the server answers `invalid_client`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2.1 | RFC 8705 §2.1}
 */
export function tlsClientAuth(): ClientAuthentication {
  return authenticateByConnection('tls_client_auth');
}

/**
 * Authenticates with the certificate of the TLS connection, which the client has signed itself and registered at
 * the server.
 *
 * Sends the client's id only and takes no key: `fetch` must present the certificate, as one by `createNodeFetch` of
 * `@mcp-m2m/core/node` does. Whether it does is not checked; without it the server answers `invalid_client`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8705#section-2.2 | RFC 8705 §2.2}
 */
export function selfSignedTlsClientAuth(): ClientAuthentication {
  return authenticateByConnection('self_signed_tls_client_auth');
}

function authenticateByConnection(method: string): ClientAuthentication {
  return {
    method,
    mutualTls: true,
    authenticate(request, { clientId }) {
      request.parameters.set('client_id', clientId);
    },
  };
}
