import {
  authorizedFetch,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  createDpop,
  createTokenSource,
  privateKeyJwt,
  type TokenEvent,
  type TokenSourceOptions,
} from '@mcp-m2m/core/client';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { describeClientLife } from './client-life.ts';
import { callTool, startMcpServer } from './mcp-server.ts';
import { machine, startOidcProvider, type OidcProvider, type OidcProviderOptions } from './oidc-provider.ts';

const CLIENT_ID = 'nightly report: 50%+';
const SECRET = 'every VSCHAR that form encoding changes: % + & = / ? ~';

/** A protected server, oidc-provider with one client of a secret, and what a source of its tokens needs. */
async function setScene(options: Partial<OidcProviderOptions> = {}) {
  const server = await startMcpServer();
  const client = machine({ client_id: CLIENT_ID, client_secret: SECRET, scope: 'deploy:read' });
  const provider = await startOidcProvider({ resource: server.resource, clients: [client], ...options });
  server.trust([provider.issuer]);
  return { server, provider, source: sourceOptions(server.resource, provider) };
}

function sourceOptions(resource: string, { issuer }: OidcProvider): TokenSourceOptions {
  const authentication = clientSecretBasic({ clientSecret: SECRET });
  return { resource, issuer, clientId: CLIENT_ID, authentication };
}

describe('a client of oidc-provider', () => {
  it('calls a tool by client_secret_basic, id and secret form-encoded as the provider insists', async () => {
    const { provider, source } = await setScene();
    expect(await callTool(createTokenSource(source))).toBe(`machine ${CLIENT_ID}`);
    expect(provider.tokenRequests()).toBe(1);
  });

  it('calls a tool by client_secret_post', async () => {
    const { source } = await setScene({
      clients: [
        machine({
          client_id: CLIENT_ID,
          client_secret: SECRET,
          token_endpoint_auth_method: 'client_secret_post',
        }),
      ],
    });
    const authentication = clientSecretPost({ clientSecret: SECRET });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('calls a tool by client_secret_jwt, without the secret in the request', async () => {
    const { source } = await setScene({
      clients: [
        machine({
          client_id: CLIENT_ID,
          client_secret: SECRET,
          token_endpoint_auth_method: 'client_secret_jwt',
        }),
      ],
    });
    const authentication = clientSecretJwt({ clientSecret: SECRET, algorithm: 'HS256' });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('calls a tool by private_key_jwt, with the issuer as the only audience', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const key = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' };
    const { source } = await setScene({
      clients: [
        machine({
          client_id: CLIENT_ID,
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: [key] },
        }),
      ],
    });
    const authentication = privateKeyJwt({ key: privateKey, algorithm: 'ES256', keyId: 'key-1' });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('calls a tool with a token bound to its key, by proofs that both servers take', async () => {
    const { source } = await setScene({ features: { dPoP: { enabled: true } } });
    const tokens = createTokenSource({ ...source, dpop: createDpop() });
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    const { tokenType, accessToken } = await tokens.getToken();
    expect([tokenType, decodeJwt(accessToken).cnf]).toEqual(['DPoP', { jkt: expect.any(String) }]);
  });

  it('answers the provider’s demand for a nonce with one more request', async () => {
    const { provider, source } = await setScene({
      features: { dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true } },
    });
    const tokens = createTokenSource({ ...source, dpop: createDpop() });
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    expect(provider.tokenRequests()).toBe(2);
  });

  describeClientLife(async () => {
    const { provider, source } = await setScene();
    let secret = SECRET;
    return {
      options: { ...source, authentication: clientSecretBasic({ clientSecret: () => secret }) },
      tokenRequests: provider.tokenRequests,
      rotateSecret: async () => {
        secret = crypto.randomUUID();
        provider.restart([machine({ client_id: CLIENT_ID, client_secret: secret, scope: 'deploy:read' })]);
      },
      deleteClient: async () => provider.restart([]),
    };
  });
});

describe('where oidc-provider deviates', () => {
  it('mounted below a path, its metadata is at OpenID Connect’s address alone, the third that is asked', async () => {
    const { provider, source } = await setScene({ path: '/oidc' });
    await createTokenSource(source).getToken();
    expect(provider.host.requests).toEqual([
      'GET /.well-known/oauth-authorization-server/oidc',
      'GET /.well-known/openid-configuration/oidc',
      'GET /oidc/.well-known/openid-configuration',
      'POST /oidc/token',
    ]);
  });

  it('client credentials are off by default: the client reads it in the metadata and sends no secret', async () => {
    const { provider, source } = await setScene({
      clients: [],
      features: { clientCredentials: { enabled: false } },
    });
    await expect(createTokenSource(source).getToken()).rejects.toMatchObject({
      code: 'grant_not_supported',
      expected: '"grant_types_supported" with "client_credentials"',
      received: '["implicit", "authorization_code"]',
    });
    expect(provider.tokenRequests()).toBe(0);
  });

  it('a secret it takes in header and body alike, whichever the client is registered for', async () => {
    const { source } = await setScene();
    const authentication = clientSecretPost({ clientSecret: SECRET });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('a secret beyond ASCII it lets one configure, and never takes in a header', async () => {
    const clientSecret = 'ein sehr geheimes Geheimnis für die Nacht';
    const { source } = await setScene({
      clients: [machine({ client_id: CLIENT_ID, client_secret: clientSecret })],
    });
    const authentication = clientSecretBasic({ clientSecret });
    const refusal = await createTokenSource({ ...source, authentication })
      .getToken()
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'invalid_request',
      received: expect.stringContaining('not properly encoded'),
    });
    expect(String(refusal)).not.toContain('Geheimnis');
  });

  it('a resource it does not know is invalid_target', async () => {
    const { server, source } = await setScene({ resource: 'https://other.example.com/mcp' });
    await expect(createTokenSource(source).getToken()).rejects.toMatchObject({
      code: 'invalid_target',
      resource: server.resource,
    });
  });

  it('a scope it does not know it leaves out of token and answer alike: only the server’s 403 tells', async () => {
    const { server, provider, source } = await setScene();
    const events: TokenEvent[] = [];
    const tokens = createTokenSource({
      ...source,
      scopes: ['deploy:everything'],
      onEvent: (event) => events.push(event),
    });
    const { accessToken, scopes } = await tokens.getToken();
    // An answer without "scope" means that all was granted (RFC 6749 §5.1).
    expect([scopes, decodeJwt(accessToken).scope]).toEqual([['deploy:everything'], undefined]);
    await expect(callTool(tokens)).rejects.toThrow(/insufficient scope/i);
    expect(server.decisions.at(-1)).toMatchObject({ status: 403 });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'step_up_declined', scopes: ['deploy:read'], cause: 'above_ceiling' }),
    );
    expect(provider.tokenRequests()).toBe(1);
  });

  it('a scope beyond the client’s own it leaves out, and says so: one step-up, and none after it', async () => {
    const { provider, source } = await setScene();
    const tokens = createTokenSource(source);
    await expect(callTool(tokens, 'deploy')).rejects.toThrow(/insufficient scope/i);
    await expect(callTool(tokens, 'deploy')).rejects.toThrow(/insufficient scope/i);
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
    expect(provider.tokenRequests()).toBe(2);
  });

  it('a client registered for no scope in particular may have them all: one step-up, and it deploys', async () => {
    const { provider, source } = await setScene({
      clients: [machine({ client_id: CLIENT_ID, client_secret: SECRET })],
    });
    const tokens = createTokenSource(source);
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
    expect(await callTool(tokens, 'deploy')).toBe('deployed');
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read', 'deploy:write']);
    expect(provider.tokenRequests()).toBe(2);
  });

  it('without resource indicators its tokens are opaque: they are refused, and one renewal is the end of it', async () => {
    const { server, provider, source } = await setScene({
      features: { resourceIndicators: { enabled: false } },
    });
    const call = authorizedFetch(createTokenSource(source));
    const statuses = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      statuses.push((await call(server.resource, { method: 'POST', body: '{}' })).status);
    }
    expect(statuses).toEqual([401, 401, 401]);
    expect(server.decisions.at(-1)).toMatchObject({ reason: 'token_malformed', received: '1 part' });
    expect(provider.tokenRequests()).toBe(2);
  });

  it('opaque tokens for the resource are taken by a server that asks about them', async () => {
    const introspection = {
      clientId: 'mcp-server',
      authentication: clientSecretBasic({ clientSecret: SECRET }),
    };
    const { server, provider, source } = await setScene({
      accessTokenFormat: 'opaque',
      features: { introspection: { enabled: true } },
      clients: [
        machine({ client_id: CLIENT_ID, client_secret: SECRET, scope: 'deploy:read' }),
        machine({ client_id: 'mcp-server', client_secret: SECRET, grant_types: [] }),
      ],
    });
    server.trust([{ issuer: provider.issuer, introspection }]);
    expect(await callTool(createTokenSource(source))).toBe(`machine ${CLIENT_ID}`);
  });
});
