import type { ClientAuthentication } from '../client-authentication/client-authentication.ts';
import type { ClientContext } from './client-context.ts';
import { assertAuthorizationServerSupport } from './discovery/authorization-server-support.ts';
import type { Discovery } from './discovery/discovery.ts';
import type { DiscoveryCache } from './discovery/discovery-cache.ts';
import type { AuthorizationGrant, GrantParameters } from './grants/authorization-grant.ts';
import { JWT_BEARER_GRANT } from './grants/jwt-bearer.ts';
import { TokenAcquisitionError } from './token-acquisition-error.ts';
import { createConcealment, type Concealment } from './token-endpoint/concealed-text.ts';
import type { TimeBudget } from './token-endpoint/time-budget.ts';
import { sendTokenRequest } from './token-endpoint/token-request.ts';
import { readTokenResponse, type TokenResponse } from './token-endpoint/token-response.ts';

/** The token that is wanted. */
export interface TokenTarget {
  readonly resource: string;
  readonly grant: AuthorizationGrant;
  /** Further parameters of its token requests. */
  readonly tokenParameters: Readonly<Record<string, string>>;
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

/** When a token request is sent. */
export interface TokenRequestTiming {
  readonly budget: TimeBudget;
  /** Waited for when all is ready but the client's authentication, once. */
  readonly beforeSending: () => Promise<void>;
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
  { budget, beforeSending }: TokenRequestTiming,
): Promise<Acquisition> {
  const { credentials, emit, settings } = context;
  const tokenEndpoints = findTokenEndpoints(context, target, prepared);
  /** Of what was sent: what is refused may be rotated before the refusal is here. */
  const revisions = new Map<ClientAuthentication, string>();
  let refusal: TokenAcquisitionError | undefined;
  let grantParameters = await createGrantParameters(context, target, prepared, budget);
  await beforeSending();
  // Asked for only now: another may have found out which of them works.
  for (const authentication of credentials.candidates()) {
    const tokenEndpoint = tokenEndpoints.get(authentication);
    if (tokenEndpoint === undefined) continue;
    if (refusal !== undefined) {
      grantParameters = await createGrantParameters(context, target, prepared, budget);
    }
    try {
      const acquisition = await requestOnce(context, target, prepared, {
        authentication,
        tokenEndpoint,
        budget,
        grantParameters,
        noteRevision: (revision) => revisions.set(authentication, revision),
      });
      credentials.accepted(authentication);
      return acquisition;
    } catch (error) {
      if (!(error instanceof TokenAcquisitionError) || !error.credentialRefused) throw error;
      refusal = error;
      const { issuer, clientId, authentications } = settings;
      const position = authentications.indexOf(authentication);
      emit({ type: 'credential_refused', issuer, clientId, method: authentication.method, position });
    }
  }
  credentials.refused(revisions);
  throw refusal;
}

/**
 * The token endpoint for each credential whose method the server offers: at least one.
 *
 * @throws TokenAcquisitionError
 */
function findTokenEndpoints(
  { authorizationServers, credentials, settings }: ClientContext,
  { grant, resource }: TokenTarget,
  { discovery }: PreparedAcquisition,
): ReadonlyMap<ClientAuthentication, string> {
  const found = new Map<ClientAuthentication, string>();
  let unsupported: unknown;
  for (const authentication of credentials.candidates()) {
    const needed = { grantType: grant.grantType, authentication, dpopAlgorithm: settings.dpop?.algorithm };
    try {
      const { authorizationServer } = discovery;
      found.set(authentication, assertAuthorizationServerSupport(authorizationServer, needed, resource));
    } catch (error) {
      unsupported ??= error;
    }
  }
  if (found.size > 0) return found;
  // Somebody will correct it.
  authorizationServers.expire();
  throw unsupported;
}

/** Made anew for every request: an assertion is good for one. */
async function createGrantParameters(
  { settings }: ClientContext,
  { grant }: TokenTarget,
  { discovery, requestedScopes }: PreparedAcquisition,
  budget: TimeBudget,
): Promise<GrantParameters & { readonly concealment: Concealment }> {
  const { issuer, clientId, fetch, now, dpop } = settings;
  const concealment = createConcealment();
  const created = await grant.createParameters({
    issuer,
    clientId,
    resource: discovery.protectedResource.resource,
    scopes: requestedScopes,
    fetch,
    now,
    budget,
    concealment,
    dpop,
  });
  return { ...created, concealment };
}

async function requestOnce(
  { settings }: ClientContext,
  { resource, grant, tokenParameters }: TokenTarget,
  { discovery, requestedScopes }: PreparedAcquisition,
  details: {
    readonly authentication: ClientAuthentication;
    readonly tokenEndpoint: string;
    readonly budget: TimeBudget;
    readonly grantParameters: Awaited<ReturnType<typeof createGrantParameters>>;
    readonly noteRevision: (revision: string) => void;
  },
): Promise<Acquisition> {
  const { issuer, clientId, fetch, now, dpop, provider } = settings;
  const { authentication, tokenEndpoint, budget } = details;
  const { parameters, presentedTokens, concealment } = details.grantParameters;
  const requestedAt = now();
  const answer = await sendTokenRequest({
    resource,
    parameters: {
      ...tokenParameters,
      ...parameters,
      resource: settings.omitResource ? undefined : discovery.protectedResource.resource,
      scope: requestedScopes.length === 0 ? undefined : requestedScopes.join(' '),
    },
    authentication,
    noteRevision: details.noteRevision,
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
      presentedMore: presentedTokens !== undefined,
      profile: provider,
    },
    concealment,
  });
  return { response, requestedScopes, requestedAt };
}
