import type { CreateClientOptions } from '@mcp-m2m/authorization-server';
import {
  authorizedFetch,
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  createTokenSource,
  jwtBearer,
  noClientAuthentication,
  privateKeyJwt,
  type TokenSourceOptions,
} from '@mcp-m2m/core/client';
import { createTestAuthority } from '@mcp-m2m/testing';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startOwnServer } from './authorization-server.ts';
import { describeClientLife } from './client-life.ts';
import { callTool, startMcpServer, type ProtectedMcpServer } from './mcp-server.ts';

const CLIENT_ID = 'nightly-report';
const SCOPES = ['deploy:read', 'deploy:write'];

/** A protected server, the authorization server with one client, and what a source of its tokens needs. */
async function setScene(
  client: Partial<CreateClientOptions> = {},
  options: Parameters<typeof startOwnServer>[1] = {},
  given?: ProtectedMcpServer,
) {
  const server = given ?? (await startMcpServer());
  const { resource } = server;
  const own = await startOwnServer([{ resource, scopes: SCOPES }], options);
  server.trust([own.issuer]);
  const { clientId, secret = '' } = await own.server.clients.create({
    clientId: CLIENT_ID,
    authentication: { method: 'secret' },
    access: [{ resource, scopes: ['deploy:read'] }],
    ...client,
  });
  const source: TokenSourceOptions = {
    resource,
    issuer: own.issuer,
    clientId,
    authentication: clientSecretBasic({ clientSecret: secret === '' ? 'none' : secret }),
  };
  return { server, own, secret, source };
}

describe('a client of this project’s authorization server', () => {
  it('calls a tool by client_secret_basic', async () => {
    const { own, source } = await setScene();
    expect(await callTool(createTokenSource(source))).toBe(`machine ${CLIENT_ID}`);
    expect(own.tokenRequests()).toBe(1);
  });

  it('calls a tool by client_secret_post', async () => {
    const { secret, source } = await setScene();
    const authentication = clientSecretPost({ clientSecret: secret });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('calls a tool by private_key_jwt, with the issuer as the only audience', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const key = { ...(await exportJWK(publicKey)), kid: 'key-1' } as never;
    const { source } = await setScene({ authentication: { method: 'private_key_jwt', publicKey: key } });
    const authentication = privateKeyJwt({ key: privateKey, algorithm: 'ES256', keyId: 'key-1' });
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('calls a tool with a token bound to its key, where the client is registered for nothing less', async () => {
    const { source } = await setScene({ senderConstraint: 'dpop' });
    const tokens = createTokenSource({ ...source, dpop: createDpop() });
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    const { tokenType, accessToken } = await tokens.getToken();
    expect([tokenType, decodeJwt(accessToken).cnf]).toEqual(['DPoP', { jkt: expect.any(String) }]);
    await expect(createTokenSource(source).getToken()).rejects.toMatchObject({ code: 'invalid_dpop_proof' });
  });

  it('answers its demand for a nonce with one more request', async () => {
    const { own, source } = await setScene({}, { dpopNonces: true });
    const tokens = createTokenSource({ ...source, dpop: createDpop() });
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    expect(own.tokenRequests()).toBe(2);
  });

  it('calls a tool by the token of its platform, without a credential of its own', async () => {
    const platform = await createTestAuthority();
    onTestFinished(() => platform.close());
    const { own, source } = await setScene({ authentication: { method: 'workload' } });
    const { id: issuerId } = await own.server.trust.issuers.create({
      issuer: platform.issuer,
      kind: 'workload',
    });
    const conditions = [{ claim: 'sub', equals: 'pod-7' }];
    await own.server.trust.rules.create({ issuerId, clientId: CLIENT_ID, conditions });
    const { keyId, algorithm } = platform.signingKey;
    const iat = Math.floor(platform.now() / 1000);
    const token = platform.mintRaw({
      header: { alg: algorithm, kid: keyId, typ: 'JWT' },
      payload: { iss: platform.issuer, sub: 'pod-7', aud: own.issuer, iat, exp: iat + 300 },
    });
    const tokens = createTokenSource({
      ...source,
      authentication: noClientAuthentication(),
      grant: jwtBearer({ assertion: async () => token }),
    });
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
  });

  describeClientLife(async () => {
    const { own, secret: first, source } = await setScene();
    const { clients } = own.server;
    let secret = first;
    return {
      options: { ...source, authentication: clientSecretBasic({ clientSecret: () => secret }) },
      tokenRequests: own.tokenRequests,
      rotateSecret: async () => {
        const endsAt = new Date(Date.now() + 60_000).toISOString();
        secret = (await clients.rotation.start(CLIENT_ID, { endsAt })).secret;
        await clients.rotation.finish(CLIENT_ID);
      },
      deleteClient: async () => void (await clients.delete(CLIENT_ID)),
    };
  });
});

describe('where other authorization servers deviate, this one', () => {
  it('at an issuer with a path is found at the first address that is asked', async () => {
    const { own, source } = await setScene({}, { path: '/tenants/one' });
    await createTokenSource(source).getToken();
    expect(own.host.requests).toEqual([
      'GET /.well-known/oauth-authorization-server/tenants/one',
      'POST /tenants/one/token',
    ]);
  });

  it('without the parameter resource still issues a token for the client’s one resource', async () => {
    const { server, source } = await setScene();
    const call = authorizedFetch(createTokenSource({ ...source, dangerouslyOmitResource: true }));
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    expect((await call(server.resource, { method: 'POST', body, headers })).status).toBe(200);
  });

  it('refuses an unknown resource as invalid_target', async () => {
    const { own, source } = await setScene();
    const elsewhere = await startMcpServer();
    elsewhere.trust([own.issuer]);
    const tokens = createTokenSource({ ...source, resource: elsewhere.resource });
    await expect(tokens.getToken()).rejects.toMatchObject({
      code: 'invalid_target',
      resource: elsewhere.resource,
    });
  });

  it('refuses a scope beyond the client’s own: the step-up fails once, and the token at hand goes on', async () => {
    const { own, source } = await setScene();
    const tokens = createTokenSource(source);
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    await expect(callTool(tokens, 'deploy')).rejects.toThrow(/insufficient scope/i);
    await expect(callTool(tokens, 'deploy')).rejects.toThrow(/insufficient scope/i);
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    expect(own.tokenRequests()).toBe(2);
  });

  it('grants a further scope of the client’s with one step-up', async () => {
    const { server, own, source } = await setScene();
    await own.server.clients.update(CLIENT_ID, { access: [{ resource: server.resource, scopes: SCOPES }] });
    const tokens = createTokenSource(source);
    expect((await tokens.getToken()).scopes).toEqual(['deploy:read']);
    expect(await callTool(tokens, 'deploy')).toBe('deployed');
    expect((await tokens.getToken()).scopes).toEqual(SCOPES);
    expect(own.tokenRequests()).toBe(2);
  });

  it('takes back what a disabled client holds, and gives it a new token once it is enabled', async () => {
    let ahead = 0;
    const now = () => Date.now() + ahead;
    const server = await startMcpServer({ now });
    const { own, source } = await setScene({}, { now, statusListLifetimeSeconds: 10 }, server);
    const tokens = createTokenSource({ ...source, now });
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
    await own.server.clients.disable(CLIENT_ID);
    ahead = 11_000;
    await expect(callTool(tokens)).rejects.toThrow(/revoked|invalid_client/i);
    expect(server.decisions.at(-1)).toMatchObject({ status: 401, reason: 'token_revoked' });
    await own.server.clients.enable(CLIENT_ID);
    ahead = 120_000;
    expect(await callTool(tokens)).toBe(`machine ${CLIENT_ID}`);
  });
});
