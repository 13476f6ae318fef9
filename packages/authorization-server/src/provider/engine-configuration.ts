import type { Client, Configuration as EngineConfiguration } from 'oidc-provider';

import { ASSERTION_ALGORITHMS } from '../keys/client-public-key.ts';
import type { GrantRules } from '../grants/grants.ts';
import { claimsOfToken } from '../grants/issue-token.ts';
import type { SigningKey } from '../keys/signing-key.ts';
import type { CurrentResources } from '../resources/current-resources.ts';
import { CLOCK_TOLERANCE_SECONDS, type AssertionRules } from './assertion-checks.ts';
import { createAssertionJudge } from './assertion-judge.ts';
import type { ClientAuthenticationRules } from './client-authentication.ts';
import { credentialsOf, OWN_CLIENT_METADATA } from './client-metadata.ts';
import { formTokenId, statusClaim, type AssignStatus } from '../withdrawal/token-status.ts';
import { createEngineAdapter, type EngineAdapterDependencies } from './engine-adapter.ts';
import { toEngineKey } from './engine-signing-key.ts';
import { GRANT_TYPES } from './grant-guidance.ts';
import type { InternalGrantHandlers } from './internal-grants.ts';
import { CLIENT_AUTHENTICATION_METHODS } from './metadata.ts';

/** Everything an engine instance is built from. */
export interface EngineOptions
  extends
    ClientAuthenticationRules,
    AssertionRules,
    EngineAdapterDependencies,
    InternalGrantHandlers,
    GrantRules {
  readonly resources: CurrentResources;
  readonly accessTokenLifetimeSeconds: number;
  readonly signingKey: SigningKey;
  readonly assignStatus: AssignStatus;
  /** The address below which status lists are published. */
  readonly statusBase: string;
}

/**
 * The engine's configuration under the MCP profile: client credentials alone, JWT access tokens for one
 * resource, and everything a person would use switched off.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068 | RFC 9068}
 */
export function configureEngine(options: EngineOptions): EngineConfiguration {
  const { accessTokenLifetimeSeconds, now, signingKey, assignStatus, statusBase } = options;
  return {
    adapter: createEngineAdapter(options),
    jwks: { keys: [toEngineKey(signingKey)] },
    // `none` is for clients that an assertion stands for, in the request that brings it.
    clientAuthMethods: [...CLIENT_AUTHENTICATION_METHODS, 'none'],
    clientDefaults: {
      grant_types: [...GRANT_TYPES],
      response_types: [],
      id_token_signed_response_alg: signingKey.algorithm,
    },
    extraClientMetadata: { properties: [...OWN_CLIENT_METADATA] },
    enabledJWA: {
      clientAuthSigningAlgValues: [...ASSERTION_ALGORITHMS],
      idTokenSigningAlgValues: [signingKey.algorithm],
    },
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    assertJwtClientAuthClaimsAndHeader: createAssertionJudge(options),
    // Nothing of OpenID Connect, so that neither its scopes nor its grants exist.
    scopes: [],
    responseTypes: [],
    claims: {},
    ttl: {
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? accessTokenLifetimeSeconds,
    },
    clientBasedCORS: () => false,
    features: {
      // Every grant is one of ours.
      clientCredentials: { enabled: false },
      resourceIndicators: { enabled: false },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      introspection: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      requestObjects: { enabled: false },
      revocation: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
    formats: {
      customizers: {
        async jwt(_ctx, token, jwt) {
          const issuedAt = Math.floor(now() / 1000);
          const expiresAt = issuedAt + token.expiration;
          jwt.payload['iat'] = issuedAt;
          jwt.payload['exp'] = expiresAt;
          Object.assign(jwt.payload, claimsOfToken(token));
          const place = assignStatus(credentialsOf(token.client as Client), expiresAt);
          const status = place instanceof Promise ? await place : place;
          token.jti = formTokenId(token.jti, status);
          jwt.payload['jti'] = token.jti;
          jwt.payload['status'] = statusClaim(status, statusBase);
        },
      },
    },
    // The token endpoint answers programs, whatever their Accept header says.
    renderError(ctx, out) {
      ctx.body = out;
    },
  };
}
