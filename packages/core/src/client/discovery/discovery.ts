import {
  isAbsent,
  type AuthorizationServerMetadata,
  type Fetched,
} from '../../authorization-server-metadata.ts';
import { DocumentError, type DocumentErrorCode } from '../../document-error.ts';
import { isRefusedAddress, type ExchangeOptions, type Fetch } from '../../bounded-document.ts';
import { printable, sanitizeText } from '../../printable-text.ts';
import type { AuthorizationServerCache } from './authorization-server-cache.ts';
import {
  assertResourceMetadataUrl,
  fetchProtectedResourceMetadata,
  type ProtectedResourceMetadata,
} from './protected-resource-metadata.ts';
import { REFUSED_ADDRESS_HINT } from '../token-acquisition-hint.ts';
import {
  TokenAcquisitionError,
  type TokenAcquisitionErrorCode,
  type TokenAcquisitionStep,
} from '../token-acquisition-error.ts';
import { requestResourceChallenge } from './resource-challenge.ts';
import type { TimeBudget } from '../token-endpoint/time-budget.ts';

/** Bound on the call for a challenge: a server that hangs must leave time for the rest. */
const CHALLENGE_TIMEOUT_MILLISECONDS = 2000;
const CHALLENGE_PART = 0.25;

/** What an MCP server says of itself. */
export interface ResourceDiscovery {
  readonly protectedResource: ProtectedResourceMetadata & Fetched;
  /** The scopes that the server asked for when it was called without a token; empty where it named none. */
  readonly challengedScopes: readonly string[];
}

/** Everything a token request needs to know of the two servers. */
export interface Discovery extends ResourceDiscovery {
  readonly authorizationServer: AuthorizationServerMetadata;
}

/** What a discovery starts from. */
export interface DiscoveryRequest {
  readonly resource: string;
  /** The pinned authorization server. */
  readonly issuer: string;
  /** The `resource_metadata` of a challenge that was met already. Without it the server is asked for one. */
  readonly resourceMetadataUrl?: string | undefined;
  readonly fetch?: Fetch | undefined;
  readonly now: () => number;
  readonly budget: TimeBudget;
}

/**
 * Walks from an MCP server to its metadata, which must list the pinned authorization server, wherever it
 * stands: the server's challenge says where the metadata is.
 *
 * @param previous - what was found the last time: its address and scopes hold where the server names no other
 * @throws TokenAcquisitionError with the step at which it ended
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, authorization server discovery}
 */
export async function discoverResource(
  request: DiscoveryRequest,
  previous?: ResourceDiscovery,
): Promise<ResourceDiscovery> {
  const { resource, issuer, budget } = request;
  const challenge =
    request.resourceMetadataUrl === undefined
      ? await requestResourceChallenge(resource, {
          ...documentOptions(request),
          timeoutMilliseconds: challengeTimeoutMilliseconds(budget),
        })
      : undefined;
  const protectedResource = await fetchProtectedResourceMetadata(
    resource,
    request.resourceMetadataUrl ?? challenge?.resourceMetadataUrl ?? previous?.protectedResource.url,
    documentOptions(request),
  ).catch((error: unknown) => {
    throw explain(error, 'protected_resource_metadata', resource, budget);
  });
  assertIssuerListed(protectedResource, issuer, resource);
  return { protectedResource, challengedScopes: challenge?.scopes ?? previous?.challengedScopes ?? [] };
}

/**
 * The metadata of the pinned authorization server, which must be its own.
 *
 * @param maxAgeMilliseconds - what is older is fetched anew
 * @throws TokenAcquisitionError
 */
export async function discoverAuthorizationServer(
  request: DiscoveryRequest,
  authorizationServers: AuthorizationServerCache,
  maxAgeMilliseconds?: number,
): Promise<AuthorizationServerMetadata> {
  try {
    return await authorizationServers.get({ ...documentOptions(request), maxAgeMilliseconds });
  } catch (error) {
    throw explain(error, 'authorization_server_metadata', request.resource, request.budget);
  }
}

/** The time-out is read anew for every document: all of them together must fit into the budget. */
function documentOptions({ fetch, now, budget }: DiscoveryRequest): ExchangeOptions {
  return {
    fetch,
    now,
    get timeoutMilliseconds() {
      return budget.remainingMilliseconds();
    },
  };
}

/** A whole number: timers take no other. */
function challengeTimeoutMilliseconds(budget: TimeBudget): number {
  const part = Math.ceil(budget.remainingMilliseconds() * CHALLENGE_PART);
  return Math.min(part, CHALLENGE_TIMEOUT_MILLISECONDS);
}

/**
 * Refuses a challenge whose `resource_metadata` leads away from the resource's own origin.
 *
 * @throws TokenAcquisitionError `untrusted_url`
 */
export function assertTrustedChallenge(resource: string, resourceMetadataUrl: string): void {
  try {
    assertResourceMetadataUrl(resource, resourceMetadataUrl);
  } catch (error) {
    throw explain(error, 'protected_resource_metadata', resource);
  }
}

function assertIssuerListed(metadata: ProtectedResourceMetadata, issuer: string, resource: string): void {
  const { authorizationServers } = metadata;
  if (authorizationServers.includes(issuer)) return;
  const lookalike = authorizationServers.find(
    (listed) => listed.replace(/\/$/, '') === issuer.replace(/\/$/, ''),
  );
  throw new TokenAcquisitionError('issuer_not_listed', {
    step: 'protected_resource_metadata',
    resource,
    server: metadata.url,
    expected: `"authorization_servers" with the configured issuer ${printable(issuer)}`,
    received: sanitizeText(printable(authorizationServers), 1000),
    hint:
      lookalike === undefined
        ? undefined
        : `The two differ in a trailing slash only, and issuers are compared character by character; configure ${printable(lookalike)}.`,
  });
}

function explain(error: unknown, step: TokenAcquisitionStep, resource: string, budget?: TimeBudget): unknown {
  if (!(error instanceof DocumentError)) return error;
  return new TokenAcquisitionError(codeOf(error), {
    step,
    resource,
    server: error.url,
    expected:
      error.code === 'timeout' && budget !== undefined
        ? `an answer within ${budget.totalMilliseconds} ms in all`
        : error.expected,
    received: error.received,
    hint: isRefusedAddress(error) ? REFUSED_ADDRESS_HINT : undefined,
    retryAfterSeconds: error.retryAfterSeconds,
    cause: error,
  });
}

function codeOf(error: DocumentError): TokenAcquisitionErrorCode {
  const { code } = error;
  return isAbsent(error) ? 'metadata_not_found' : CODES[code];
}

const CODES: Readonly<Record<DocumentErrorCode, TokenAcquisitionErrorCode>> = {
  insecure_url: 'untrusted_url',
  unreachable: 'unreachable',
  timeout: 'timeout',
  redirected: 'redirected',
  unexpected_status: 'metadata_unavailable',
  unexpected_content_type: 'metadata_invalid',
  too_large: 'metadata_invalid',
  not_json: 'metadata_invalid',
  not_an_object: 'metadata_invalid',
  invalid_member: 'metadata_invalid',
  identity_mismatch: 'metadata_mismatch',
};
