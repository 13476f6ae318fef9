import type { ClientAuthentication } from '../client-authentication/client-authentication.ts';
import type { ClientContext } from './client-context.ts';
import { assertAuthorizationServerSupport } from './discovery/authorization-server-support.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { DiscoveryCache } from './discovery/discovery-cache.ts';
import type { AuthorizationGrant } from './grants/authorization-grant.ts';
import { JWT_BEARER_GRANT } from './grants/jwt-bearer.ts';
import { TokenAcquisitionError } from './token-acquisition-error.ts';
import { createConcealment } from './token-endpoint/concealed-text.ts';
import type { TimeBudget } from './token-endpoint/time-budget.ts';
import { sendTokenRequest } from './token-endpoint/token-request.ts';
import { readTokenResponse, type TokenResponse } from './token-endpoint/token-response.ts';

/** The token that is wanted. */
export interface TokenTarget {
  readonly resource: string;
  readonly grant: AuthorizationGrant;
  /** Keeps its tokens apart from those of others in the store, where the grant does not say whose they are. */
  readonly owner?: string | undefined;
}

/** What a single acquisition is told beyond the settings. */
export interface AcquisitionRequest {
  readonly discoveryCache: DiscoveryCache;
  /** Scopes to request, given what discovery learnt of the resource. */
  readonly selectScopes: (
    discovery: Pick<Discovery, 'protectedResource' | 'challengedScopes'>,
  ) => readonly string[];
  /** The `resource_metadata` of a challenge. */
  readonly resourceMetadataUrl?: string | undefined;
  /** For discovery, request and answer together. */
  readonly budget: TimeBudget;
}

/** An acquisition up to the token request. */
export interface PreparedAcquisition {
  readonly discovery: Discovery;
  readonly requestedScopes: readonly string[];
}

/** A judged token response and what was asked for it. */
export interface Acquisition {
  readonly response: TokenResponse;
  readonly requestedScopes: readonly string[];
  /** When the token request was sent, in milliseconds since the epoch. */
  readonly requestedAt: number;
}

/**
 * Finds out where to ask and for which scopes. Remembers nothing but the discovery.
 *
 * @throws TokenAcquisitionError
 */
export async function prepareAcquisition(
  { settings }: ClientContext,
  { resource }: TokenTarget,
  { discoveryCache, selectScopes, resourceMetadataUrl, budget }: AcquisitionRequest,
): Promise<PreparedAcquisition> {
  const { issuer, fetch, now } = settings;
  const discovery = await discoveryCache.get({ resource, issuer, resourceMetadataUrl, fetch, now, budget });
  return { discovery, requestedScopes: selectScopes(discovery) };
}

/**
 * Obtains one token: request and judgement, within the time budget. Of several credentials, the next is tried where
 * one is refused.
 *
 * @throws TokenAcquisitionError
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 | RFC 8707 §2.2}
 */
export async function requestToken(
  context: ClientContext,
  target: TokenTarget,
  prepared: PreparedAcquisition,
  budget: TimeBudget,
): Promise<Acquisition> {
  const { credentials, emit, settings } = context;
  // Read now: what is refused may be rotated before the refusal is here.
  const revisions = credentials.revisions();
  let unsupported: unknown;
  let refusal: TokenAcquisitionError | undefined;
  for (const authentication of credentials.candidates()) {
    let tokenEndpoint: string;
    try {
      tokenEndpoint = assertAuthorizationServerSupport(
        prepared.discovery.authorizationServer,
        { grantType: target.grant.grantType, authentication, dpopAlgorithm: settings.dpop?.algorithm },
        target.resource,
      );
    } catch (error) {
      unsupported ??= error;
      continue;
    }
    try {
      const acquisition = await requestOnce(context, target, prepared, {
        authentication,
        tokenEndpoint,
        budget,
      });
      credentials.accepted(authentication);
      return acquisition;
    } catch (error) {
      if (!(error instanceof TokenAcquisitionError) || error.code !== 'invalid_client') throw error;
      refusal = error;
      const { issuer, clientId, authentications } = settings;
      const position = authentications.indexOf(authentication);
      emit({ type: 'credential_refused', issuer, clientId, method: authentication.method, position });
    }
  }
  if (refusal === undefined) {
    // Somebody will correct it.
    context.authorizationServers.expire();
    throw unsupported;
  }
  credentials.refused(await revisions);
  throw refusal;
}

async function requestOnce(
  { settings }: ClientContext,
  { resource, grant }: TokenTarget,
  { discovery, requestedScopes }: PreparedAcquisition,
  details: {
    readonly authentication: ClientAuthentication;
    readonly tokenEndpoint: string;
    readonly budget: TimeBudget;
  },
): Promise<Acquisition> {
  const { issuer, clientId, fetch, now, dpop, provider } = settings;
  const { authentication, tokenEndpoint, budget } = details;
  const concealment = createConcealment();
  const named = discovery.protectedResource.resource;
  const { parameters, presentedTokens } = await grant.createParameters({
    issuer,
    clientId,
    resource: named,
    scopes: requestedScopes,
    fetch,
    now,
    budget,
    concealment,
    dpop,
  });
  const requestedAt = now();
  const answer = await sendTokenRequest({
    resource,
    parameters: {
      ...settings.tokenParameters,
      ...parameters,
      resource: settings.omitResource ? undefined : named,
      scope: requestedScopes.length === 0 ? undefined : requestedScopes.join(' '),
    },
    authentication,
    context: {
      issuer,
      tokenEndpoint,
      clientId,
      assertionAudience: provider?.assertionAudience,
      assertionType: provider?.assertionType,
      now,
    },
    dpop,
    fetch,
    budget,
    concealment,
  });
  const response = readTokenResponse(answer, {
    resource,
    issuer,
    tokenEndpoint,
    scopes: requestedScopes,
    tokenType: dpop === undefined ? 'Bearer' : 'DPoP',
    issuedTokenTypes: grant.issuedTokenTypes,
    presentedTokens,
    requestedAt,
    explanation: {
      receivedAt: now(),
      method: authentication.method,
      assertionGrant: grant.grantType === JWT_BEARER_GRANT,
      profile: provider,
    },
    concealment,
  });
  return { response, requestedScopes, requestedAt };
}
