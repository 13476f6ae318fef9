import { createConcealment } from './token-endpoint/concealed-text.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { DiscoveryCache } from './discovery/discovery-cache.ts';
import type { TimeBudget } from './token-endpoint/time-budget.ts';
import { sendTokenRequest } from './token-endpoint/token-request.ts';
import { readTokenResponse, type TokenResponse } from './token-endpoint/token-response.ts';
import type { TokenSourceSettings } from './token-source-options.ts';

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

/** A judged token response and what was asked for it. */
export interface Acquisition {
  readonly response: TokenResponse;
  readonly requestedScopes: readonly string[];
  /** When the token request was sent, in milliseconds since the epoch. */
  readonly requestedAt: number;
}

/**
 * Obtains one token by the client-credentials grant: discovery, request, judgement, all within the time
 * budget. Remembers nothing but the discovery.
 *
 * @throws TokenAcquisitionError
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8707#section-2.2 | RFC 8707 §2.2}
 */
export async function acquireToken(
  settings: TokenSourceSettings,
  request: AcquisitionRequest,
): Promise<Acquisition> {
  const { resource, issuer, clientId, authentication, fetch, now } = settings;
  const { budget } = request;
  const discovery = await request.discoveryCache.get({
    resource,
    issuer,
    authentication,
    resourceMetadataUrl: request.resourceMetadataUrl,
    fetch,
    now,
    budget,
  });
  const { protectedResource, tokenEndpoint } = discovery;
  const scopes = request.selectScopes(discovery);
  const concealment = createConcealment();
  const requestedAt = now();
  const answer = await sendTokenRequest({
    resource,
    parameters: {
      ...settings.tokenParameters,
      grant_type: 'client_credentials',
      resource: settings.omitResource ? undefined : protectedResource.resource,
      scope: scopes.length === 0 ? undefined : scopes.join(' '),
    },
    authentication,
    context: { issuer, tokenEndpoint, clientId, now },
    fetch,
    budget,
    concealment,
  });
  const response = readTokenResponse(answer, {
    resource,
    issuer,
    tokenEndpoint,
    scopes,
    requestedAt,
    concealment,
  });
  return { response, requestedScopes: scopes, requestedAt };
}
