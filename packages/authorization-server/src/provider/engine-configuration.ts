import type { Configuration as EngineConfiguration } from 'oidc-provider';

import { ASSERTION_ALGORITHMS } from '../keys/client-public-key.ts';
import { SIGNING_ALGORITHM, type SigningKey } from '../keys/signing-key.ts';
import { assertAssertion, CLOCK_TOLERANCE_SECONDS, type AssertionRules } from './assertion-checks.ts';
import type { ClientAuthenticationRules } from './client-authentication.ts';
import { OWN_CLIENT_METADATA } from './client-metadata.ts';
import { createEngineAdapter, type EngineAdapterDependencies } from './engine-adapter.ts';
import { GRANT_TYPES } from './grant-guidance.ts';
import { CLIENT_AUTHENTICATION_METHODS } from './metadata.ts';
import { createResourceIndicators } from './resource-indicators.ts';

/** Everything an engine instance is built from. */
export interface EngineOptions extends ClientAuthenticationRules, AssertionRules, EngineAdapterDependencies {
  readonly resources: ReadonlyMap<string, readonly string[]>;
  readonly accessTokenLifetimeSeconds: number;
  readonly signingKey: SigningKey;
}

/**
 * The engine's configuration under the MCP profile: client credentials alone, JWT access tokens for one
 * resource, and everything a person would use switched off.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068 | RFC 9068}
 */
export function configureEngine(options: EngineOptions): EngineConfiguration {
  const { accessTokenLifetimeSeconds, now, signingKey } = options;
  const algorithms = [SIGNING_ALGORITHM] as const;
  return {
    adapter: createEngineAdapter(options),
    jwks: { keys: [signingKey.privateJwk] },
    clientAuthMethods: [...CLIENT_AUTHENTICATION_METHODS],
    clientDefaults: {
      grant_types: [...GRANT_TYPES],
      response_types: [],
      id_token_signed_response_alg: SIGNING_ALGORITHM,
    },
    extraClientMetadata: { properties: [...OWN_CLIENT_METADATA] },
    enabledJWA: {
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
      idTokenSigningAlgValues: [...algorithms],
    },
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims, header) => assertAssertion(header, claims, options),
    // Nothing of OpenID Connect, so that neither its scopes nor its grants exist.
    scopes: [],
    responseTypes: [],
    claims: {},
    ttl: { ClientCredentials: () => accessTokenLifetimeSeconds },
    clientBasedCORS: () => false,
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: createResourceIndicators({ ...options, signingKeyId: signingKey.keyId }),
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      introspection: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      requestObjects: { enabled: false },
      revocation: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    formats: {
      customizers: {
        jwt(_ctx, _token, jwt) {
          const issuedAt = Math.floor(now() / 1000);
          jwt.payload['iat'] = issuedAt;
          jwt.payload['exp'] = issuedAt + accessTokenLifetimeSeconds;
        },
      },
    },
    // The token endpoint answers programs, whatever their Accept header says.
    renderError(ctx, out) {
      ctx.body = out;
    },
  };
}
