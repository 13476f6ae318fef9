import type { AuthorizationServerMetadata } from '../../authorization-server-metadata.ts';
import { printable, sanitizeText } from '../../printable-text.ts';
import type { ClientAuthentication } from '../../client-authentication/client-authentication.ts';
import { TokenAcquisitionError, type TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';

/**
 * Checks that an authorization server says it can serve a client-credentials request, and returns its
 * token endpoint.
 *
 * What the metadata does not mention counts as possible: many servers leave these members out.
 *
 * @throws TokenAcquisitionError naming what is offered instead
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414 §2}
 */
export function assertClientCredentialsSupport(
  metadata: AuthorizationServerMetadata,
  authentication: ClientAuthentication,
  resource: string,
): string {
  const fail = (code: TokenAcquisitionErrorCode, expected: string, received: string): TokenAcquisitionError =>
    new TokenAcquisitionError(code, {
      step: 'authorization_server_metadata',
      resource,
      server: metadata.url,
      expected,
      received,
    });
  const { tokenEndpoint } = metadata;
  if (tokenEndpoint === undefined) throw fail('token_endpoint_missing', '"token_endpoint"', 'none');
  if (metadata.issuer.startsWith('https:') && !tokenEndpoint.startsWith('https:')) {
    throw fail('untrusted_url', '"token_endpoint" with https', printable(tokenEndpoint));
  }
  const requirements = [
    {
      code: 'grant_not_supported',
      offered: metadata.grantTypesSupported,
      member: 'grant_types_supported',
      needed: 'client_credentials',
    },
    {
      code: 'authentication_method_not_supported',
      offered: metadata.tokenEndpointAuthMethodsSupported,
      member: 'token_endpoint_auth_methods_supported',
      needed: authentication.method,
    },
    {
      code: 'signing_algorithm_not_supported',
      offered: metadata.tokenEndpointAuthSigningAlgValuesSupported,
      member: 'token_endpoint_auth_signing_alg_values_supported',
      needed: authentication.algorithm,
    },
  ] as const;
  for (const { code, offered, member, needed } of requirements) {
    if (offered === undefined || needed === undefined || offered.includes(needed)) continue;
    throw fail(code, `"${member}" with "${needed}"`, sanitizeText(printable(offered), 1000));
  }
  return tokenEndpoint;
}
