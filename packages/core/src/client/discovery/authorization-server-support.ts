import type { AuthorizationServerMetadata } from '../../authorization-server-metadata.ts';
import { printable, sanitizeText } from '../../printable-text.ts';
import type { ClientAuthentication } from '../../client-authentication/client-authentication.ts';
import { TokenAcquisitionError, type TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';

/** What a token request needs an authorization server to offer. */
export interface NeededSupport {
  readonly grantType: string;
  readonly authentication: ClientAuthentication;
  /** Signature algorithm of the DPoP proofs, where there are any. */
  readonly dpopAlgorithm?: string | undefined;
}

/**
 * Checks that an authorization server says it can serve a token request, and returns where to send it.
 *
 * What the metadata does not mention counts as possible: many servers leave these members out.
 *
 * @throws TokenAcquisitionError naming what is offered instead
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc8705#section-5 | RFC 8705 §5} (the endpoint for certificates)
 */
export function assertAuthorizationServerSupport(
  metadata: AuthorizationServerMetadata,
  { grantType, authentication, dpopAlgorithm }: NeededSupport,
  resource: string,
): string {
  const fail = (
    code: TokenAcquisitionErrorCode,
    expected: string,
    received: string,
    hint?: string,
  ): TokenAcquisitionError =>
    new TokenAcquisitionError(code, {
      step: 'authorization_server_metadata',
      resource,
      server: metadata.url,
      expected,
      received,
      hint,
    });
  const presentsCertificate = authentication.mutualTls === true && metadata.mtlsTokenEndpoint !== undefined;
  const tokenEndpoint = presentsCertificate ? metadata.mtlsTokenEndpoint : metadata.tokenEndpoint;
  if (tokenEndpoint === undefined) throw fail('token_endpoint_missing', '"token_endpoint"', 'none');
  if (metadata.issuer.startsWith('https:') && !tokenEndpoint.startsWith('https:')) {
    throw fail('untrusted_url', '"token_endpoint" with https', printable(tokenEndpoint));
  }
  const requirements = [
    {
      code: 'grant_not_supported',
      offered: metadata.grantTypesSupported,
      member: 'grant_types_supported',
      needed: grantType,
      hint: `Enable the grant ${grantType} at the authorization server.`,
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
    {
      code: 'signing_algorithm_not_supported',
      offered: metadata.dpopSigningAlgValuesSupported,
      member: 'dpop_signing_alg_values_supported',
      needed: dpopAlgorithm,
      hint: 'Create the DPoP key for an algorithm that the server offers.',
    },
  ] as const;
  for (const { code, offered, member, needed, ...advice } of requirements) {
    if (offered === undefined || needed === undefined || offered.includes(needed)) continue;
    const hint = 'hint' in advice ? advice.hint : undefined;
    throw fail(code, `"${member}" with "${needed}"`, sanitizeText(printable(offered), 1000), hint);
  }
  return tokenEndpoint;
}
