import { parseOptions, type AuthorizationServerOptions } from './authorization-server-options.ts';
import { createClients, type Clients } from './clients/clients.ts';
import { deriveEndpoints, type Endpoints } from './endpoints.ts';
import { createEventReporter } from './events.ts';
import { sendRefusal, serveDocument, type Route } from './http/documents.ts';
import { createRequestHandler, type RequestHandler } from './http/request-handler.ts';
import { createRequestsInFlight } from './http/requests-in-flight.ts';
import { createTokenRoute } from './http/token-route.ts';
import { deriveKeys } from './keys/derived-keys.ts';
import type { PublicJwk } from './keys/public-jwk.ts';
import { createEngine } from './provider/engine.ts';
import { AUTHORIZATION_GUIDANCE } from './provider/grant-guidance.ts';
import { describeServer, describeServerForOpenId } from './provider/metadata.ts';
import { createClientStore } from './store/client-store.ts';
import { createCredentialsLookup } from './store/client-credentials.ts';
import { openDatabase } from './store/database.ts';
import { createReplayGuard } from './store/replay-guard.ts';
import { loadSigningKey } from './store/signing-key-store.ts';

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
  /**
   * Answers the token requests that have begun (for at most ten seconds), refuses further ones with 503,
   * and closes the database.
   */
  close(): Promise<void>;
}

/** How long metadata and keys may be cached. A new signing key is published at least this long before use. */
const DOCUMENT_MAX_AGE_SECONDS = 300;
const CLOSE_WITHIN_SECONDS = 10;

/**
 * Creates an authorization server that issues access tokens to machines: client credentials, one MCP server
 * per token, RFC 9068 JWTs signed with ES256.
 *
 * Opens (and on first use creates) the database and the signing key. Does not listen, terminate TLS, limit
 * request rates, or sign people in.
 *
 * @param options - see {@link AuthorizationServerOptions}; `issuer`, `resources`, `database` and `secretKey` are required
 * @throws TypeError when an option is wrong, naming it and the mend
 * @throws AuthorizationServerError `database_in_use`, `database_key_mismatch`, `database_newer` or `database_unusable`
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 | RFC 6749 §4.4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8414 | RFC 8414}, {@link https://www.rfc-editor.org/rfc/rfc9068 | RFC 9068}
 */
export async function createAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { issuer, resources, now, ...configuration } = parseOptions(options);
  const report = createEventReporter(configuration.onEvent, now);
  const { clientSecretMac: macKey, signingKeySeal } = deriveKeys(configuration.secretKey);
  const database = await openDatabase(configuration.database);
  try {
    const { key: signingKey, created } = await loadSigningKey(database, signingKeySeal, now());
    const { keyId } = signingKey;
    if (created) report({ type: 'signing_key_created', keyId, algorithm: String(signingKey.publicJwk.alg) });

    const endpoints = deriveEndpoints(issuer);
    const engine = createEngine(
      {
        issuer,
        tokenEndpoint: endpoints.token,
        resources,
        accessTokenLifetimeSeconds: configuration.accessTokenLifetimeSeconds,
        signingKey,
        now,
        macKey,
        findClient: createCredentialsLookup(database),
        replay: createReplayGuard(database, now),
      },
      report,
    );
    const inFlight = createRequestsInFlight(report);
    const handler = createRequestHandler(endpoints.issuerPath, {
      ...createDocumentRoutes(issuer, endpoints, resources, [signingKey.publicJwk]),
      token: inFlight.track(createTokenRoute(engine.callback(), report)),
    });
    let closed: Promise<void> | undefined;
    return {
      issuer,
      handler,
      clients: createClients({ store: createClientStore(database), resources, macKey, report, now }),
      async close() {
        closed ??= inFlight.stop(CLOSE_WITHIN_SECONDS).then(() => database.close());
        await closed;
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function createDocumentRoutes(
  issuer: string,
  endpoints: Endpoints,
  resources: ReadonlyMap<string, readonly string[]>,
  keys: readonly PublicJwk[],
) {
  const metadata = describeServer(issuer, endpoints, resources);
  const authorization: Route = (_request, response) => {
    sendRefusal(response, 400, 'unsupported_response_type', AUTHORIZATION_GUIDANCE);
  };
  return {
    metadata: serveDocument(metadata, 'application/json', DOCUMENT_MAX_AGE_SECONDS),
    openIdMetadata: serveDocument(
      describeServerForOpenId(metadata),
      'application/json',
      DOCUMENT_MAX_AGE_SECONDS,
    ),
    jwks: serveDocument({ keys }, 'application/jwk-set+json', DOCUMENT_MAX_AGE_SECONDS),
    authorization,
  };
}
