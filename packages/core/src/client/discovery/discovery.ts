import {
  fetchAuthorizationServerMetadata,
  isAbsent,
  type AuthorizationServerMetadata,
} from '../../authorization-server-metadata.ts';
import { DocumentError, type DocumentErrorCode } from '../../document-error.ts';
import type { ExchangeOptions, Fetch } from '../../bounded-document.ts';
import { printable, sanitizeText } from '../../printable-text.ts';
import { assertClientCredentialsSupport } from './client-credentials-support.ts';
import type { ClientAuthentication } from '../../client-authentication/client-authentication.ts';
import {
  assertResourceMetadataUrl,
  fetchProtectedResourceMetadata,
  type ProtectedResourceMetadata,
} from './protected-resource-metadata.ts';
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

/** Everything a token request needs to know of the two servers. */
export interface Discovery {
  readonly protectedResource: ProtectedResourceMetadata;
  readonly authorizationServer: AuthorizationServerMetadata;
  readonly tokenEndpoint: string;
  /** The scopes that the server asked for when it was called without a token; empty where it named none. */
  readonly challengedScopes: readonly string[];
}

/** What {@link discover} starts from. */
export interface DiscoveryRequest {
  readonly resource: string;
  /** The pinned authorization server. */
  readonly issuer: string;
  readonly authentication: ClientAuthentication;
  /** The `resource_metadata` of a challenge that was met already. Without it the server is asked for one. */
  readonly resourceMetadataUrl?: string | undefined;
  /** What was found the last time: its address and scopes hold where the server has no other to name. */
  readonly previous?: Discovery | undefined;
  readonly fetch?: Fetch | undefined;
  readonly now: () => number;
  readonly budget: TimeBudget;
}

/**
 * Walks from an MCP server to the token endpoint of the pinned authorization server: the server's challenge
 * says where its metadata is; the metadata must list that issuer, wherever it stands; the issuer's metadata
 * must be its own and offer what is needed.
 *
 * @throws TokenAcquisitionError with the step at which it ended
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization, authorization server discovery}
 */
export async function discover(request: DiscoveryRequest): Promise<Discovery> {
  const { resource, issuer, authentication, previous, budget } = request;
  const documentOptions: ExchangeOptions = {
    fetch: request.fetch,
    now: request.now,
    // Read anew for every document: all of them together must fit into the budget.
    get timeoutMilliseconds() {
      return budget.remainingMilliseconds();
    },
  };
  const challenge =
    request.resourceMetadataUrl === undefined
      ? await requestResourceChallenge(resource, {
          ...documentOptions,
          timeoutMilliseconds: challengeTimeoutMilliseconds(budget),
        })
      : undefined;
  const protectedResource = await fetchProtectedResourceMetadata(
    resource,
    request.resourceMetadataUrl ?? challenge?.resourceMetadataUrl ?? previous?.protectedResource.url,
    documentOptions,
  ).catch((error: unknown) => {
    throw explain(error, 'protected_resource_metadata', resource, budget);
  });
  assertIssuerListed(protectedResource, issuer, resource);
  const authorizationServer = await fetchAuthorizationServerMetadata(issuer, documentOptions).catch(
    (error: unknown) => {
      throw explain(error, 'authorization_server_metadata', resource, budget);
    },
  );
  const tokenEndpoint = assertClientCredentialsSupport(authorizationServer, authentication, resource);
  const challengedScopes = challenge?.scopes ?? previous?.challengedScopes ?? [];
  return { protectedResource, authorizationServer, tokenEndpoint, challengedScopes };
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
