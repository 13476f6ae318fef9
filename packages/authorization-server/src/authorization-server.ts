import { createNodeFetch } from '@mcp-m2m/core/node';
import { isLoopbackHostname } from '@mcp-m2m/core';
import type { Registry } from 'prom-client';

import type { AuditLog } from './audit/audit-log.ts';
import type { Usage } from './audit/usage.ts';
import {
  parseOptions,
  type AuthorizationServerOptions,
  type Configuration,
} from './authorization-server-options.ts';
import { createClients, type Clients } from './clients/clients.ts';
import { deriveEndpoints } from './endpoints.ts';
import { createGrantSupport } from './grants/grant-support.ts';
import { createDocumentRoutes } from './http/document-routes.ts';
import { createKeySetRoute } from './http/key-set-route.ts';
import { createRequestHandler, type RequestHandler } from './http/request-handler.ts';
import { createTokenRequestRefusal } from './http/refuse-token-request.ts';
import { createRequestsInFlight } from './http/requests-in-flight.ts';
import { createTokenRoute } from './http/token-route.ts';
import { deriveKeys } from './keys/derived-keys.ts';
import { proveSigner } from './keys/external-signer.ts';
import { openKeyRing } from './keys/key-ring.ts';
import { createPublishedKeys } from './keys/published-keys.ts';
import { createSigningKeys, type SigningKeys } from './keys/signing-keys.ts';
import {
  ADMIN_SCOPES,
  adminResourceOf,
  ensureBootstrapClient,
  type BootstrapCredential,
} from './operations/bootstrap-client.ts';
import type { AdminDomain } from './admin/admin-domain.ts';
import { createAdminRoutes, refuseAdministration } from './admin/admin-handler.ts';
import { createObservation } from './operations/observation.ts';
import type { CheckReadiness } from './operations/readiness.ts';
import { createEngineSwitch, createKeyFailureAnswer } from './provider/engine-switch.ts';
import { createEngine } from './provider/engine.ts';
import { createInternalRoute } from './provider/internal-grants.ts';
import { describeServer } from './provider/metadata.ts';
import { createClientKeyResolver } from './provider/resolve-client-keys.ts';
import { createResourceDirectory } from './resources/current-resources.ts';
import { createResources, type Resources } from './resources/resources.ts';
import { createCredentialsLookup } from './store/client-credentials.ts';
import { openDatabase } from './store/database.ts';
import { createLastUses } from './store/last-uses.ts';
import { createReplayGuard } from './store/replay-guard.ts';
import { loadSharedBytes } from './store/shared-values.ts';
import { createSigningKeyStore } from './store/signing-key-store.ts';
import { createTrustJudge } from './trust/judge-trusted-token.ts';
import { createTrust, type Trust } from './trust/trust.ts';
import type { Tokens } from './withdrawal/tokens.ts';
import { createWithdrawal } from './withdrawal/withdrawal.ts';

export type { RequestHandler };

/** A running authorization server, to be mounted in an HTTP server. */
export interface AuthorizationServer {
  readonly issuer: string;
  /**
   * Serves metadata, JWKS and the token endpoint. Goes into `http.createServer`, `app.use` of Express, or
   * any other framework that hands out Node's request and response; before any body parser.
   */
  readonly handler: RequestHandler;
  readonly clients: Clients;
  /** The MCP servers that tokens can be issued for. */
  readonly resources: Resources;
  /** The keys that sign access tokens. */
  readonly signingKeys: SigningKeys;
  /** Whose JWTs are accepted as grants, and for which clients. */
  readonly trust: Trust;
  /** The tokens that are out. */
  readonly tokens: Tokens;
  /** The audit trail. */
  readonly audit: AuditLog;
  /** Tokens issued and refused per client, resource and hour. */
  readonly usage: Usage;
  /** Measures for Prometheus, in a registry of their own. */
  readonly metrics: Registry;
  /** Asks whether tokens can be issued. */
  readonly checkReadiness: CheckReadiness;
  /** Serves `/healthz` and `/readyz`, at the root of where it is mounted. */
  readonly healthHandler: RequestHandler;
  /** Serves `/healthz`, `/readyz` and `/metrics`: for a listener that only the operator reaches. */
  readonly operationsHandler: RequestHandler;
  /**
   * Creates the first administrator, once in the life of the database, and writes its credential into a file that
   * its owner alone can read. The resource `<issuer>/admin` has to be among the server's, with the scopes
   * `admin:read` and `admin:write`.
   *
   * @param file - does not exist; its folder does
   * @returns undefined when it was done before, or another instance is at it
   * @throws AuthorizationServerError `bootstrap_file_exists`
   */
  ensureBootstrapClient(file: string): Promise<BootstrapCredential | undefined>;
  /** Makes `/readyz` answer 503, so that no more requests are sent here, while all that come are answered. */
  announceStop(): void;
  /**
   * Copies the SQLite file to another one while it serves: a backup that a server opens like the original, under
   * the same `secretKey`. PostgreSQL has tools of its own for that.
   *
   * @param path - a file that does not exist; it will be readable by its owner alone
   * @throws AuthorizationServerError `backup_not_possible`
   */
  backup(path: string): Promise<void>;
  /**
   * Answers the requests that have begun (for at most ten seconds), refuses further ones with 503,
   * and closes the database.
   */
  close(): Promise<void>;
}

const CLOSE_WITHIN_SECONDS = 10;

/**
 * Creates an authorization server that issues access tokens to machines: client credentials, one MCP server
 * per token, RFC 9068 JWTs that can be revoked, signed with keys that are rotated.
 *
 * Opens (and on first use creates) the database and the signing keys. Does not listen, terminate TLS, limit
 * request rates, or sign people in.
 *
 * @param options - see {@link AuthorizationServerOptions}; `issuer`, `resources`, `database` and `secretKey` are required
 * @throws TypeError when an option is wrong, naming it and the mend
 * @throws AuthorizationServerError `database_in_use`, `database_key_mismatch`, `database_newer`,
 *   `database_unusable` or `signer_missing`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8414 | RFC 8414}, {@link https://www.rfc-editor.org/rfc/rfc9068 | RFC 9068}
 */
export async function createAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const configuration = parseOptions(options);
  const { issuer, now } = configuration;
  const resources = resourcesOf(configuration);
  const {
    clientSecretMac: macKey,
    idempotentAnswerSeal,
    sharedValueSeal,
    signingKeySeal,
  } = deriveKeys(configuration.secretKey);
  const observation = createObservation(await openDatabase(configuration.database), configuration);
  const { report, database, throttle, clientAddress } = observation;
  const directory = createResourceDirectory(database, resources, now);
  const lastUses = createLastUses(database, now);
  const { allowedNetworks } = configuration;
  const allowLoopback = isLoopbackHostname(new URL(issuer).hostname);
  const outgoing = createNodeFetch({ allowLoopback, allowedNetworks });
  try {
    const { signers, signingAlgorithm: algorithm } = configuration;
    for (const signer of signers) await proveSigner(signer);
    const ring = await openKeyRing({
      store: createSigningKeyStore(database),
      seal: signingKeySeal,
      algorithm,
      signers,
      rotationIntervalSeconds: configuration.signingKeyRotationSeconds,
      report,
      now,
    });
    const endpoints = deriveEndpoints(issuer);
    const findClient = createCredentialsLookup(database);
    const withdrawal = createWithdrawal({
      issuer,
      statusBase: endpoints.status,
      statusListLifetimeSeconds: configuration.statusListLifetimeSeconds,
      database,
      ring,
      findClient,
      report,
      now,
    });
    const replay = createReplayGuard(database, now);
    const resolveKeys = createClientKeyResolver(createPublishedKeys({ fetch: outgoing, now }));
    const judgeTrusted = createTrustJudge({ database, issuer, fetch: outgoing, now });
    const assertionRules = { issuer, tokenEndpoint: endpoints.token, now, recordUse: lastUses.record };
    const engineOptions = {
      ...withdrawal,
      ...createGrantSupport({ ...assertionRules, findClient, resolveKeys, replay, judgeTrusted }),
      clientCertificate: configuration.clientCertificate,
      dpopNonceSecret: configuration.dpopNonces
        ? await loadSharedBytes(database, sharedValueSeal, 'dpop-nonce', now())
        : undefined,
      issuer,
      tokenEndpoint: endpoints.token,
      statusBase: endpoints.status,
      resources: directory.current,
      accessTokenLifetimeSeconds: configuration.accessTokenLifetimeSeconds,
      now,
      macKey,
      findClient,
      resolveKeys,
      recordUse: lastUses.record,
      replay,
      throttle,
      clientAddress,
    };
    const refuse = createTokenRequestRefusal(report, clientAddress);
    const inFlight = createRequestsInFlight(refuse);
    const administering = createRequestsInFlight(refuseAdministration);
    const token = createTokenRoute({
      engine: createEngineSwitch({
        ring,
        build: (signingKey) => createEngine({ ...engineOptions, signingKey }, report),
        fail: createKeyFailureAnswer(refuse, report),
      }),
      refuse,
      timeoutSeconds: configuration.requestTimeoutSeconds,
    });
    const clients = createClients(
      { ...withdrawal.clients, directory, lastUses, macKey, report, now },
      configuration.accessTokenLifetimeSeconds,
    );
    const domain: AdminDomain = {
      clients,
      signingKeys: createSigningKeys({ ring, algorithm }),
      tokens: withdrawal.tokens,
      trust: createTrust({ database, report, now }, judgeTrusted),
      resources: createResources({ database, directory, configured: resources, report, now }),
      audit: observation.audit,
      usage: observation.usage,
    };
    const description = describeServer(issuer, endpoints, resources, configuration);
    const admin = configuration.adminApi
      ? createAdminRoutes(
          {
            issuer,
            tokenEndpoint: endpoints.token,
            domain,
            database,
            seal: idempotentAnswerSeal,
            standsStill: withdrawal.standsStill,
            findClient,
            ring,
            replay,
            clientCertificate: configuration.clientCertificate,
            async readDocument(url) {
              if (url !== endpoints.jwks) return description;
              await ring.refresh();
              return { keys: ring.published() };
            },
            clientAddress,
            report,
            now,
          },
          endpoints.issuerPath,
        )
      : undefined;
    const handler = createRequestHandler(endpoints.issuerPath, {
      ...createDocumentRoutes(endpoints, directory.current, configuration),
      admin: admin && { ...admin, api: administering.track(admin.api) },
      jwks: createKeySetRoute(ring),
      token: observation.measure(inFlight.track(token)),
      introspection: inFlight.track(createInternalRoute('introspection', token)),
      revocation: inFlight.track(createInternalRoute('revocation', token)),
      status: withdrawal.statusAggregationRoute,
      statusList: withdrawal.statusListRoute,
    });
    let closed: Promise<void> | undefined;
    return {
      issuer,
      handler,
      ...domain,
      metrics: observation.metrics,
      checkReadiness: observation.checkReadiness,
      healthHandler: observation.healthHandler,
      operationsHandler: observation.operationsHandler,
      ensureBootstrapClient: async (file) =>
        await ensureBootstrapClient({ issuer, tokenEndpoint: endpoints.token, database, clients, now }, file),
      announceStop: observation.announceStop,
      backup: async (path) => await database.backup(path),
      async close() {
        observation.announceStop();
        closed ??= Promise.all([
          inFlight.stop(CLOSE_WITHIN_SECONDS),
          administering.stop(CLOSE_WITHIN_SECONDS),
        ]).then(closeAll);
        await closed;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }

  async function closeAll(): Promise<void> {
    outgoing.close();
    await lastUses.close();
    await observation.close();
    await database.close();
  }
}

/** The configured resources; the administration is one of them where it is served. */
function resourcesOf({ issuer, resources, adminApi }: Configuration): Configuration['resources'] {
  return adminApi ? new Map([...resources, [adminResourceOf(issuer), ADMIN_SCOPES]]) : resources;
}
