import {
  clientSecretBasic,
  createDpop,
  createTokenSource,
  noClientAuthentication,
  type TokenSourceOptions,
} from '@mcp-m2m/core/client';
import { describe, expect, it } from 'vitest';
import { describeClientLife } from './client-life.ts';
import { callTool, startMcpServer } from './mcp-server.ts';
import { startMockServer, type MockServer } from './mock-server.ts';

const CLIENT_ID = 'nightly-report';
const SECRET = 'one secret';

/** A protected server, oauth2-mock-server, and what a source of its tokens needs. */
async function setScene(...settings: ((mock: MockServer) => void)[]) {
  const server = await startMcpServer();
  const mock = await startMockServer();
  for (const set of settings) set(mock);
  server.trust([mock.issuer]);
  const source: TokenSourceOptions = {
    resource: server.resource,
    issuer: mock.issuer,
    clientId: CLIENT_ID,
    authentication: clientSecretBasic({ clientSecret: SECRET }),
    // It reads no "resource"; this parameter becomes the claim.
    tokenParameters: { aud: server.resource },
  };
  return { server, mock, source };
}

/** By its hook for the metadata: says that it takes secrets. It never looks at them. */
function advertiseSecrets({ service }: MockServer): void {
  service.on('beforeWellKnownOpenIdConfiguration', ({ body }) => {
    Object.assign(body as object, { token_endpoint_auth_methods_supported: ['client_secret_basic'] });
  });
}

/** By its hook for tokens: makes them access tokens of RFC 9068. */
function issueAccessTokens({ service }: MockServer): void {
  service.on('beforeTokenSigning', ({ header, payload }) => {
    header.typ = 'at+jwt';
    Object.assign(payload, { client_id: CLIENT_ID, sub: CLIENT_ID, jti: crypto.randomUUID() });
  });
}

describe('a client of oauth2-mock-server', () => {
  it('calls a tool, once the server says that it takes secrets and issues access tokens', async () => {
    const { mock, source } = await setScene(advertiseSecrets, issueAccessTokens);
    expect(await callTool(createTokenSource(source))).toBe(`machine ${CLIENT_ID}`);
    expect(mock.tokenRequests()).toBe(1);
  });

  describeClientLife(async () => {
    let secret: string | undefined = SECRET;
    let registered: string | undefined = SECRET;
    const { mock, source } = await setScene(advertiseSecrets, issueAccessTokens, ({ service }) => {
      service.on('beforeResponse', (response, { headers }) => {
        const expected = `Basic ${Buffer.from(`${CLIENT_ID}:${registered?.replaceAll(' ', '+')}`).toString('base64')}`;
        if (registered !== undefined && headers.authorization === expected) return;
        response.statusCode = 401;
        response.body = { error: 'invalid_client' };
      });
    });
    return {
      options: { ...source, authentication: clientSecretBasic({ clientSecret: () => secret ?? '' }) },
      tokenRequests: mock.tokenRequests,
      rotateSecret: async () => {
        secret = crypto.randomUUID();
        registered = secret;
      },
      deleteClient: async () => {
        registered = undefined;
      },
    };
  });
});

describe('where oauth2-mock-server deviates', () => {
  it('its metadata is OpenID Connect’s alone, the second address that is asked', async () => {
    const { mock, source } = await setScene(advertiseSecrets);
    await createTokenSource(source).getToken();
    expect(mock.host.requests).toEqual([
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/openid-configuration',
      'POST /token',
    ]);
  });

  it('advertises no client authentication: a secret is not sent, and the message says what was offered', async () => {
    const { mock, source } = await setScene();
    await expect(createTokenSource(source).getToken()).rejects.toMatchObject({
      code: 'authentication_method_not_supported',
      expected: '"token_endpoint_auth_methods_supported" with "client_secret_basic"',
      received: '["none"]',
    });
    expect(mock.tokenRequests()).toBe(0);
  });

  it('gives a token to a client that only names itself', async () => {
    const { source } = await setScene(issueAccessTokens);
    const authentication = noClientAuthentication();
    expect(await callTool(createTokenSource({ ...source, authentication }))).toBe(`machine ${CLIENT_ID}`);
  });

  it('ignores proofs: a client that wants its token bound refuses what it got', async () => {
    const { source } = await setScene(advertiseSecrets, issueAccessTokens);
    await expect(createTokenSource({ ...source, dpop: createDpop() }).getToken()).rejects.toMatchObject({
      code: 'token_type_not_supported',
    });
  });

  it('its tokens say JWT and name no client: the resource server refuses what could be an ID token', async () => {
    const { server, source } = await setScene(advertiseSecrets);
    await expect(callTool(createTokenSource(source))).rejects.toThrow(/not an access token/);
    expect(server.decisions.at(-1)).toMatchObject({ reason: 'token_type_not_allowed', received: '"JWT"' });
  });

  it('ignores "resource": without the parameter "aud" its tokens are for nobody, and refused', async () => {
    const { server, source } = await setScene(advertiseSecrets, issueAccessTokens);
    await expect(callTool(createTokenSource({ ...source, tokenParameters: {} }))).rejects.toThrow(
      /invalid_token/,
    );
    expect(server.decisions.at(-1)).toMatchObject({ reason: 'claim_missing', expected: 'the claim "aud"' });
  });
});
