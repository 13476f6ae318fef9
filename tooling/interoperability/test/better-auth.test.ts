import {
  authorizedFetch,
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  createTokenSource,
  privateKeyJwt,
  type TokenSourceOptions,
} from '@mcp-m2m/core/client';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { startBetterAuth, type BetterAuthOptions, type MachineMetadata } from './better-auth.ts';
import { describeClientLife } from './client-life.ts';
import { callTool, startMcpServer } from './mcp-server.ts';

/** A protected server, better-auth with one client that is allowed the server, and what a source of its tokens needs. */
async function setScene(metadata: MachineMetadata = {}, options: Partial<BetterAuthOptions> = {}) {
  const server = await startMcpServer();
  const betterAuth = await startBetterAuth({ resources: [server.resource], ...options });
  server.trust([betterAuth.issuer]);
  const { clientId, clientSecret } = await betterAuth.registerMachine(metadata);
  await betterAuth.link(clientId, server.resource);
  const source: TokenSourceOptions = {
    resource: server.resource,
    issuer: betterAuth.issuer,
    clientId,
    // A client of a key has no secret.
    authentication: clientSecretBasic({ clientSecret: clientSecret === '' ? 'none' : clientSecret }),
  };
  return { server, betterAuth, clientId, clientSecret, source };
}

describe('a client of better-auth', () => {
  it('calls a tool by client_secret_basic', async () => {
    const { betterAuth, clientId, source } = await setScene();
    expect(await callTool(createTokenSource(source))).toBe(`machine ${clientId}`);
    expect(betterAuth.tokenRequests()).toBe(1);
  });

  it('calls a tool by client_secret_post', async () => {
    const { clientId, clientSecret, source } = await setScene({
      token_endpoint_auth_method: 'client_secret_post',
    });
    const authentication = clientSecretPost({ clientSecret });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${clientId}`);
  });

  it('calls a tool by private_key_jwt', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const key = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'ES256', use: 'sig' };
    const { clientId, source } = await setScene({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [key] },
    });
    const authentication = privateKeyJwt({ key: privateKey, algorithm: 'ES256', keyId: 'key-1' });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${clientId}`);
  });

  it('calls a tool with a token bound to its key, where the client is registered for nothing less', async () => {
    const { clientId, source } = await setScene({ dpop_bound_access_tokens: true });
    const tokens = createTokenSource({ ...source, dpop: createDpop() });
    expect(await callTool(tokens)).toBe(`machine ${clientId}`);
    const { tokenType, accessToken } = await tokens.getToken();
    expect([tokenType, decodeJwt(accessToken).cnf]).toEqual(['DPoP', { jkt: expect.any(String) }]);
  });

  describeClientLife(async () => {
    const { betterAuth, clientId, clientSecret, source } = await setScene();
    let secret = clientSecret;
    return {
      options: { ...source, authentication: clientSecretBasic({ clientSecret: () => secret }) },
      tokenRequests: betterAuth.tokenRequests,
      rotateSecret: async () => {
        secret = await betterAuth.rotateSecret(clientId);
      },
      deleteClient: () => betterAuth.deleteClient(clientId),
    };
  });
});

describe('where better-auth deviates', () => {
  it('its issuer has a path; routed below that alone, its metadata is found at the third address', async () => {
    const { betterAuth, source } = await setScene({}, { belowItsPathOnly: true });
    await createTokenSource(source).getToken();
    expect(betterAuth.host.requests).toEqual([
      'GET /.well-known/oauth-authorization-server/api/auth',
      'GET /.well-known/openid-configuration/api/auth',
      'GET /api/auth/.well-known/openid-configuration',
      'POST /api/auth/oauth2/token',
    ]);
  });

  it('without the scope openid it has none of the three: the client names what to publish', async () => {
    const { betterAuth, source } = await setScene({}, { belowItsPathOnly: true, openid: false });
    const { origin } = betterAuth.host;
    await expect(createTokenSource(source).getToken()).rejects.toMatchObject({
      code: 'metadata_not_found',
      expected: expect.stringContaining(`${origin}/.well-known/oauth-authorization-server/api/auth`),
      hint: expect.stringContaining('Publish the metadata at one of these addresses'),
    });
    expect(betterAuth.tokenRequests()).toBe(0);
  });

  it('without the scope openid, and the well-known path routed to it too, it works', async () => {
    const { clientId, source } = await setScene({}, { openid: false });
    expect(await callTool(createTokenSource(source))).toBe(`machine ${clientId}`);
  });

  it('a client without scopes of its own is unauthorized_client, whatever grant it is registered for', async () => {
    const { source } = await setScene({ client_credentials_scopes: [] });
    await expect(createTokenSource(source).getToken()).rejects.toMatchObject({
      code: 'unauthorized_client',
      received: expect.stringContaining('client has no authorized client_credentials scopes'),
    });
  });

  it('a client that is not linked to the resource is invalid_target, until it is and the wait is over', async () => {
    const { server, betterAuth, source } = await setScene();
    const { clientId, clientSecret } = await betterAuth.registerMachine();
    let ahead = 0;
    const tokens = createTokenSource({
      ...source,
      clientId,
      authentication: clientSecretBasic({ clientSecret }),
      now: () => Date.now() + ahead,
    });
    await expect(tokens.getToken()).rejects.toMatchObject({
      code: 'invalid_target',
      received: expect.stringContaining('is not linked to resource'),
    });
    await betterAuth.link(clientId, server.resource);
    await expect(tokens.getToken()).rejects.toMatchObject({ code: 'invalid_target' });
    ahead = 60_000;
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
  });

  it('a client registered for another method is invalid_client, with status 400', async () => {
    const { clientSecret, source } = await setScene();
    const authentication = clientSecretPost({ clientSecret });
    await expect(createTokenSource({ ...source, authentication }).getToken()).rejects.toMatchObject({
      code: 'invalid_client',
      received: expect.stringMatching(/^status 400, .*cannot use client_secret_post/),
      hint: expect.stringContaining('registered for another authentication method'),
    });
  });

  it('a scope beyond the client’s own is invalid_scope: the step-up fails once, and the token at hand goes on', async () => {
    const { betterAuth, clientId, source } = await setScene();
    const tokens = createTokenSource(source);
    expect(await callTool(tokens)).toBe(`machine ${clientId}`);
    await expect(callTool(tokens, 'deploy')).rejects.toThrow(/insufficient scope/i);
    await expect(callTool(tokens, 'deploy')).rejects.toThrow(/insufficient scope/i);
    expect(await callTool(tokens)).toBe(`machine ${clientId}`);
    expect(betterAuth.tokenRequests()).toBe(2);
  });

  it('without the parameter resource its tokens are opaque and for nobody, and refused', async () => {
    const { server, source } = await setScene();
    const call = authorizedFetch(createTokenSource({ ...source, dangerouslyOmitResource: true }));
    const response = await call(server.resource, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(server.decisions.at(-1)).toMatchObject({ reason: 'token_malformed', received: '1 part' });
  });
});
