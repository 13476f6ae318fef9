import { fetchDocument } from '../bounded-document.ts';
import { parseResourceIdentifier } from '../resource-identifier.ts';
import { protectedResourceMetadataUrl } from '../well-known.ts';
import type { Access } from './access/access-options.ts';
import { createAccessPolicy, type AccessPolicy } from './access/access-policy.ts';
import { createAuthenticator, type IncomingRequest } from './authenticator.ts';
import { createPreflightHeaders } from './cors.ts';
import type { HttpAnswer } from './http-answer.ts';
import { createIssuerRegistry, type IssuerRegistry } from './issuer-registry.ts';
import { createMetadataEndpoint } from './metadata/metadata-endpoint.ts';
import type { Refusal } from './refusal.ts';
import { createRequestJudge, type Authenticated } from './request-judge.ts';
import { readResourceServerOptions, type ResourceServerOptions } from './resource-server-options.ts';
import { createRevocationCheck } from './revocation/revocation-check.ts';
import { createStatusListCheck } from './revocation/status-list-check.ts';
import { createSenderConstraint } from './sender-constraint/sender-constraint.ts';
import { createSessionRegistry } from './session-registry.ts';
import { createVerifiedTokenCache } from './verified-token-cache.ts';

/** Decides about requests to one protected MCP server. */
export interface ResourceServer {
  /** Canonical identifier. */
  readonly resource: string;
  /** Address of the metadata document. */
  readonly metadataUrl: string;
  /**
   * Answers a request for the metadata document; `undefined` for a request to another path. To be asked for
   * every request to the origin, with the path as received.
   */
  readonly answerMetadata: (method: string, url: string) => undefined | Promise<HttpAnswer>;
  /** Answers a CORS preflight, which carries no credentials; `undefined` for every other request. */
  readonly answerPreflight: (request: IncomingRequest) => HttpAnswer | undefined;
  /**
   * Step one, before the body is read: who calls? Answers without a promise when nothing has to be waited for,
   * as for a token that is known.
   */
  readonly authenticate: (
    request: IncomingRequest,
  ) => Authenticated | Refusal | Promise<Authenticated | Refusal>;
  /**
   * The same resource server for a route that asks every request for more than the policy does: verified tokens,
   * proofs and sessions are shared. The scopes are in the route's challenges, but not in the metadata document,
   * which names those of the policy. To be called once for a route, not for each request.
   *
   * @throws TypeError for a wrong requirement, naming the mend
   */
  readonly requiring: (access: Access) => ResourceServer;
  /** Fetches the keys of every listed issuer, for start-up. Never rejects: tells whether all are there. */
  readonly preload: () => Promise<boolean>;
}

const STATUS_LIST_TYPE = 'application/statuslist+jwt';
const MAX_STATUS_LIST_BYTES = 2_097_152;

/**
 * Creates the verifier of one protected MCP server: tokens in, callers or refusals out.
 *
 * Contacts nobody until the first token arrives (or `preload()` is called).
 *
 * @throws TypeError for wrong configuration, naming the option and the mend
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
export function createResourceServer(options: ResourceServerOptions): ResourceServer {
  const settings = readResourceServerOptions(options);
  const { now, fetch, clockToleranceSeconds, timeoutMilliseconds } = settings;
  const resource = parseResourceIdentifier(options.resource);
  const metadataUrl = protectedResourceMetadataUrl(resource);
  const policy = createAccessPolicy(options.access);
  const publicOrigin = new URL(resource).origin;
  const senderConstraint = createSenderConstraint({
    dpop: options.dpop,
    clientCertificate: options.clientCertificate,
    // Forwarded headers never decide what a proof is compared with.
    urlOf: ({ url }) => settings.publicUrl ?? `${publicOrigin}${url}`,
    now,
  });
  const { dpopAlgorithms, dpopRequired } = senderConstraint;
  const issuers = createIssuerRegistry(options.authorizationServers, options.resolveAuthorizationServer, {
    resource,
    fetch,
    now,
    timeoutMilliseconds,
    staleIfErrorSeconds: settings.staleIfErrorSeconds,
    clockToleranceSeconds,
  });
  const checkStatus =
    settings.statusListOrigins &&
    createStatusListCheck({
      now,
      clockToleranceSeconds,
      origins: settings.statusListOrigins,
      fetchStatusList: async (uri) => {
        const bounds = { fetch, now, timeoutMilliseconds, maxBytes: MAX_STATUS_LIST_BYTES };
        const { bytes } = await fetchDocument(uri, { contentTypes: [STATUS_LIST_TYPE] }, bounds);
        return new TextDecoder().decode(bytes).trim();
      },
    });
  const authenticate = createAuthenticator({
    requirements: { issuers, now, clockToleranceSeconds },
    cache: createVerifiedTokenCache(options.tokenCache),
    senderConstraint,
    checkRevocation: createRevocationCheck(options.isRevoked, checkStatus, timeoutMilliseconds),
    surroundings: { resource, resourceMetadataUrl: metadataUrl },
  });

  const judgeParts = {
    authenticate,
    sessions: createSessionRegistry(),
    challenges: {
      resourceMetadataUrl: metadataUrl,
      dpopAlgorithms,
      dpopChallenge: dpopRequired
        ? 'alone'
        : options.dpop === undefined || options.dpop === false
          ? 'never'
          : 'beside',
    },
    onDecision: options.onDecision,
  } as const;
  const shared = {
    resource,
    metadataUrl,
    answerMetadata: createMetadataEndpoint(
      metadataUrl,
      {
        resource,
        issuers: issuers.listed.map(({ issuer }) => issuer),
        scopesSupported: policy.scopesSupported,
        dpopAlgorithms,
        dpopRequired,
        certificateBound: options.clientCertificate !== undefined,
        resourceName: options.resourceName,
        resourceDocumentation: options.resourceDocumentation,
      },
      options.signedMetadata,
      now,
    ),
    answerPreflight: ({ method, headers }: IncomingRequest) =>
      method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
        ? { status: 204, headers: createPreflightHeaders('GET, POST, DELETE'), body: '' }
        : undefined,
    preload: () => preload(issuers),
  };
  const judgeBy = (judged: AccessPolicy): ResourceServer => ({
    ...shared,
    authenticate: createRequestJudge({ ...judgeParts, policy: judged }),
    requiring: (access) => judgeBy(judged.requiring(access, 'requiring(access)')),
  });
  return judgeBy(policy);
}

async function preload({ listed }: IssuerRegistry): Promise<boolean> {
  const loaded = await Promise.all(listed.map(({ keys }) => keys.preload()));
  return loaded.every(Boolean);
}
