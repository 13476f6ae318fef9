import { assembleAccessTokenClaims, chooseKey, signToken } from './access-token.ts';
import { readAuthorityOptions, type TestAuthorityOptions } from './authority-options.ts';
import { assertTestClient, type TestClient } from './client-registry.ts';
import { buildCompactJws } from './compact-jws.ts';
import { createEndpoint, type AnswerFunction, type ServedEndpoint } from './endpoint.ts';
import { createIntrospectionEndpoint } from './introspection-endpoint.ts';
import { createKeyRing } from './key-ring.ts';
import { startLoopbackServer } from './loopback-server.ts';
import { describeAuthority, layOutAddresses, type AuthorityMetadata } from './metadata-document.ts';
import { createOpaqueTokens } from './opaque-tokens.ts';
import { mintProviderToken } from './provider-token.ts';
import type { EndpointName, RecordedRequest } from './recorded-request.ts';
import { createRequestListener } from './request-listener.ts';
import { computeSignature } from './signature.ts';
import type { TestAuthority } from './test-authority.ts';
import { createTokenEndpoint } from './token-endpoint.ts';

/**
 * Starts an authorization server for tests, in process, on an ephemeral port of 127.0.0.1: it publishes metadata
 * and keys, mints any token, issues and introspects tokens over HTTP, and fails in the ways real ones do.
 *
 * It guards nothing: whoever holds the object gets any token. Not for production.
 *
 * @throws TypeError when an option is unknown or cannot be used
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414 | RFC 8414}, {@link https://www.rfc-editor.org/rfc/rfc9068 | RFC 9068}
 */
export async function createTestAuthority(options: TestAuthorityOptions = {}): Promise<TestAuthority> {
  const settings = readAuthorityOptions(options);
  const keys = await createKeyRing(settings.algorithm);
  const clients = new Map<string, TestClient>();
  const opaqueTokens = createOpaqueTokens();
  const requests: RecordedRequest[] = [];
  let metadataOverrides: AuthorityMetadata = {};
  let skippedMilliseconds = 0;
  let outage: 'down' | 'hang' | undefined;

  const now = () => settings.now() + skippedMilliseconds;
  const nowSeconds = () => Math.floor(now() / 1000);
  const routes = new Map<string, EndpointName>();
  const server = await startLoopbackServer(
    createRequestListener({
      route(path) {
        const name = routes.get(path) ?? 'other';
        return { name, endpoint: endpoints[name] };
      },
      record: (request) => void requests.push(request),
      outage: () => outage,
      now,
    }),
  );

  const addresses = layOutAddresses(server.origin, settings.path, settings.metadata);
  for (const path of addresses.metadataPaths) routes.set(path, 'metadata');
  routes.set(addresses.jwksPath, 'jwks');
  routes.set(addresses.tokenPath, 'token');
  routes.set(addresses.introspectionPath, 'introspection');

  const { issuer } = addresses;
  const currentMetadata = (): AuthorityMetadata => ({
    ...describeAuthority(server.origin, addresses, settings.algorithm),
    ...metadataOverrides,
  });
  const tokenDefaults = { ...settings, issuer };
  const assertions = { issuer, clients, usedAssertions: new Set<string>(), now };
  const endpoints: Readonly<Record<EndpointName, ServedEndpoint>> = {
    metadata: createEndpoint(answerGet(currentMetadata)),
    jwks: createEndpoint(answerGet(() => keys.published)),
    token: createEndpoint(
      createTokenEndpoint({
        ...assertions,
        tokenEndpoint: `${server.origin}${addresses.tokenPath}`,
        usedProofs: new Set(),
        defaultAudience: settings.audience,
        lifetimeSeconds: settings.accessTokenLifetimeSeconds,
        mint: (claims) => authority.mint(claims, { expiresInSeconds: settings.accessTokenLifetimeSeconds }),
      }),
    ),
    introspection: createEndpoint(
      createIntrospectionEndpoint({
        ...assertions,
        keys,
        opaqueTokens,
        sign: (claims, signOptions) => signToken(claims, keys, signOptions),
      }),
    ),
    other: createEndpoint(() => ({ status: 404, json: { error: 'not_found' } })),
  };

  const authority: TestAuthority = {
    issuer,
    jwksUri: `${server.origin}${addresses.jwksPath}`,
    tokenEndpoint: `${server.origin}${addresses.tokenPath}`,
    introspectionEndpoint: `${server.origin}${addresses.introspectionPath}`,
    endpoints,
    requests,
    get metadata() {
      return currentMetadata();
    },
    get jwks() {
      return keys.published;
    },
    get signingKey() {
      return keys.signingKey;
    },
    setMetadata(overrides) {
      metadataOverrides = { ...metadataOverrides, ...overrides };
    },
    registerClient(client) {
      assertTestClient(client);
      clients.set(client.clientId, client);
    },
    mint(claims = {}, mintOptions = {}) {
      const { expiresInSeconds } = mintOptions;
      const complete = assembleAccessTokenClaims(claims, tokenDefaults, nowSeconds(), expiresInSeconds);
      return signToken(complete, keys, mintOptions);
    },
    mintAs: (provider, claims = {}, mintOptions = {}) =>
      mintProviderToken(provider, claims, mintOptions, tokenDefaults, keys, nowSeconds()),
    mintRaw({ header, payload }, keyChoice = {}) {
      const { key, algorithm } = chooseKey(keys, keyChoice);
      return buildCompactJws(header, payload, algorithm, key);
    },
    sign(signingInput, keyChoice = {}) {
      const { key, algorithm } = chooseKey(keys, keyChoice);
      const signature = computeSignature(algorithm, key, Buffer.from(signingInput));
      return Buffer.from(signature).toString('base64url');
    },
    mintOpaque(claims = {}, { expiresInSeconds } = {}) {
      const complete = assembleAccessTokenClaims(claims, tokenDefaults, nowSeconds(), expiresInSeconds);
      return opaqueTokens.register(complete);
    },
    revoke: (token) => opaqueTokens.revoke(token),
    addKey: (algorithm) => keys.add(algorithm),
    rotate: () => keys.rotate(),
    rotateHard: () => keys.rotateHard(),
    publishKeys: (jwks) => keys.publish(jwks),
    now,
    advanceSeconds(seconds) {
      skippedMilliseconds += seconds * 1000;
    },
    goDown() {
      outage = 'down';
      server.dropConnections();
    },
    hang() {
      outage = 'hang';
    },
    comeBack() {
      outage = undefined;
      for (const endpoint of Object.values(endpoints)) endpoint.recover();
    },
    clearRequests() {
      requests.length = 0;
      for (const endpoint of Object.values(endpoints)) endpoint.clearRequests();
    },
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
  return authority;
}

function answerGet(document: () => unknown): AnswerFunction {
  return ({ method }) =>
    method === 'GET' || method === 'HEAD'
      ? { json: document() }
      : { status: 405, headers: { allow: 'GET, HEAD' }, json: { error: 'invalid_request' } };
}
