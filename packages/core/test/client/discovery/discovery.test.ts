import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTokenSource } from '../../../src/client/index.ts';
import { startLoopbackServer, type Answer } from '../../loopback-server.ts';
import { failureOf } from '../acquisition-failure.ts';
import { createScene, tokenRequests, trace } from '../scene.ts';

describe('discovery of the protected resource', () => {
  it('M25: asks for a challenge, then at the path, then at the root', async () => {
    const scene = await createScene();
    const server = await startLoopbackServer(({ url }) =>
      url === '/.well-known/oauth-protected-resource'
        ? { json: { resource: `${server.origin}/mcp`, authorization_servers: [scene.authority.issuer] } }
        : { status: 404 },
    );
    await createTokenSource({ ...scene.options, resource: `${server.origin}/mcp` }).getToken();
    expect(trace(server.requests)).toEqual([
      'POST /mcp',
      'GET /.well-known/oauth-protected-resource/mcp',
      'GET /.well-known/oauth-protected-resource',
    ]);
  });

  it('says so when a server publishes no metadata at all', async () => {
    const scene = await createScene();
    const server = await startLoopbackServer(() => ({ status: 404 }));
    const error = await failureOf(
      createTokenSource({ ...scene.options, resource: `${server.origin}/mcp` }).getToken(),
    );
    expect(error).toMatchObject({ code: 'metadata_not_found', step: 'protected_resource_metadata' });
    expect(error.expected).toContain(`${server.origin}/.well-known/oauth-protected-resource/mcp`);
    expect(error.hint).toMatch(/Publish the metadata/);
    expect(scene.authority.requests).toHaveLength(0);
  });

  it('keeps all documents together within the time budget', async () => {
    const scene = await createScene();
    const server = await startLoopbackServer(async ({ url }) => {
      if (url === '/mcp') return { status: 401 };
      await sleep(120);
      return { status: 404 };
    });
    const tokens = createTokenSource({
      ...scene.options,
      resource: `${server.origin}/mcp`,
      timeoutMilliseconds: 200,
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      code: 'timeout',
      server: `${server.origin}/.well-known/oauth-protected-resource`,
    });
  });

  it.each<[string, Answer, object]>([
    ['M7: a redirect', { status: 302, headers: { location: '/loop' } }, { code: 'redirected' }],
    ['M10: an oversize document', { json: { pad: 'x'.repeat(300_000) } }, { code: 'metadata_invalid' }],
    [
      'M11: a compression bomb',
      {
        body: gzipSync(Buffer.alloc(50_000_000, ' ')),
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      },
      { code: 'metadata_invalid', expected: 'at most 262144 bytes' },
    ],
    [
      'M13: bad JSON',
      { body: '{"resource":', headers: { 'content-type': 'application/json' } },
      { code: 'metadata_invalid', expected: 'JSON in UTF-8' },
    ],
    ['M13: an array', { json: [] }, { code: 'metadata_invalid', received: '[]' }],
    [
      'M15: text/html',
      { body: '<html>', headers: { 'content-type': 'text/html' } },
      { code: 'metadata_invalid', received: '"text/html"' },
    ],
    ['M16: 206', { status: 206, json: {} }, { code: 'metadata_unavailable', received: 'status 206' }],
    ['a server error', { status: 500 }, { code: 'metadata_unavailable', received: 'status 500' }],
    ['a rate limit', { status: 429, headers: { 'retry-after': '7' } }, { code: 'metadata_unavailable' }],
    ['a cut connection', (response) => response.destroy(), { code: 'unreachable' }],
    ['M12: silence', () => undefined, { code: 'timeout', expected: 'an answer within 300 ms in all' }],
    [
      'M12: a byte now and then',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 40);
        response.once('close', () => clearInterval(drip));
      },
      { code: 'timeout' },
    ],
  ])('%s ends in a typed error at the first address that gives it', async (_, answer, expected) => {
    const scene = await createScene();
    const server = await startLoopbackServer(() => answer);
    const tokens = createTokenSource({
      ...scene.options,
      resource: `${server.origin}/mcp`,
      timeoutMilliseconds: 300,
    });
    expect(await failureOf(tokens.getToken())).toMatchObject({
      step: 'protected_resource_metadata',
      server: `${server.origin}/.well-known/oauth-protected-resource/mcp`,
      ...expected,
    });
    // The same answer to the call for a challenge, which comes first, ends nothing.
    expect(trace(server.requests)).toEqual(['POST /mcp', 'GET /.well-known/oauth-protected-resource/mcp']);
    expect(scene.authority.requests).toHaveLength(0);
  });

  it.each<[string, (resource: string) => Record<string, unknown>, object]>([
    [
      'M17: the origin alone',
      (resource) => ({ resource: new URL(resource).origin }),
      { code: 'metadata_mismatch' },
    ],
    ['M17: a longer path', (resource) => ({ resource: `${resource}2` }), { code: 'metadata_mismatch' }],
    ['a trailing slash', (resource) => ({ resource: `${resource}/` }), { code: 'metadata_mismatch' }],
    ['another host', () => ({ resource: 'https://mcp.example.com/mcp' }), { code: 'metadata_mismatch' }],
    ['no resource', () => ({ resource: undefined }), { code: 'metadata_mismatch', received: 'undefined' }],
    [
      'M19: no server',
      () => ({ authorization_servers: undefined }),
      { code: 'issuer_not_listed', received: '[]' },
    ],
    ['M19: an empty list', () => ({ authorization_servers: [] }), { code: 'issuer_not_listed' }],
    [
      'M19: a thousand servers',
      () => ({
        authorization_servers: Array.from({ length: 1000 }, (_, index) => `https://as${index}.example.com`),
      }),
      { code: 'metadata_invalid', received: '1000' },
    ],
    ['servers that are no strings', () => ({ authorization_servers: [7] }), { code: 'metadata_invalid' }],
    [
      'M27: ten kilobytes of scope',
      () => ({ scopes_supported: ['s'.repeat(10_000)] }),
      { code: 'metadata_invalid' },
    ],
    ['a scope that is none', () => ({ scopes_supported: ['read all'] }), { code: 'metadata_invalid' }],
  ])('%s in the document ends in a typed error', async (_, changes, expected) => {
    const scene = await createScene();
    Object.assign(scene.metadata, changes(scene.resource));
    const error = await failureOf(createTokenSource(scene.options).getToken());
    expect(error).toMatchObject({ step: 'protected_resource_metadata', ...expected });
    expect(error.message.length).toBeLessThan(2000);
    expect(scene.authority.requests).toHaveLength(0);
  });

  it('takes a bare origin with and without its slash, and asks for the token as the document writes it', async () => {
    const scene = await createScene();
    const server = await startLoopbackServer(() => ({
      json: { resource: `${server.origin}/`, authorization_servers: [scene.authority.issuer] },
    }));
    await createTokenSource({ ...scene.options, resource: server.origin }).getToken();
    expect(tokenRequests(scene)[0]?.get('resource')).toBe(`${server.origin}/`);
    expect(trace(server.requests)).toEqual(['POST /', 'GET /.well-known/oauth-protected-resource']);
  });
});

describe('the pinned issuer', () => {
  it('M23: is used wherever it stands in the list, and no other server is contacted', async () => {
    const scene = await createScene();
    const foreign = await startLoopbackServer(() => ({ status: 500 }));
    scene.metadata.authorization_servers = [
      foreign.origin,
      'https://evil.example.com',
      scene.authority.issuer,
    ];
    await createTokenSource(scene.options).getToken();
    expect(foreign.requests).toHaveLength(0);
    expect(tokenRequests(scene)).toHaveLength(1);
  });

  it('names both sides when it is not listed', async () => {
    const scene = await createScene();
    scene.metadata.authorization_servers = ['https://other.example.com'];
    const error = await failureOf(createTokenSource(scene.options).getToken());
    expect(error).toMatchObject({ code: 'issuer_not_listed', step: 'protected_resource_metadata' });
    expect(error.message).toContain(scene.authority.issuer);
    expect(error.message).toContain('https://other.example.com');
    expect(scene.authority.requests).toHaveLength(0);
  });

  it('points out a trailing slash', async () => {
    const scene = await createScene();
    scene.metadata.authorization_servers = [`${scene.authority.issuer}/`];
    const error = await failureOf(createTokenSource(scene.options).getToken());
    expect(error.code).toBe('issuer_not_listed');
    expect(error.hint).toContain(`configure "${scene.authority.issuer}/"`);
  });

  it('works with a path and with OpenID Connect metadata only', async () => {
    const scene = await createScene({ path: '/tenant', metadata: 'openid' });
    await createTokenSource(scene.options).getToken();
    expect(scene.authority.requests.map(({ path }) => path)).toEqual([
      '/.well-known/oauth-authorization-server/tenant',
      '/.well-known/openid-configuration/tenant',
      '/tenant/.well-known/openid-configuration',
      '/tenant/token',
    ]);
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['M20: another issuer', { issuer: 'https://evil.example.com' }, { code: 'metadata_mismatch' }],
    [
      'M21: a token endpoint over http',
      { token_endpoint: 'http://as.example.com/token' },
      { code: 'untrusted_url' },
    ],
    ['M8: a token endpoint in a file', { token_endpoint: 'file:///token' }, { code: 'untrusted_url' }],
    ['no token endpoint', { token_endpoint: undefined }, { code: 'token_endpoint_missing' }],
    [
      'other grants only',
      { grant_types_supported: ['authorization_code'] },
      { code: 'grant_not_supported', received: '["authorization_code"]' },
    ],
    [
      'other authentication methods only',
      { token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'] },
      { code: 'authentication_method_not_supported', received: '["private_key_jwt", "none"]' },
    ],
    [
      'grants that are no list',
      { grant_types_supported: 'client_credentials' },
      { code: 'metadata_invalid' },
    ],
  ])('%s in its metadata ends in a typed error', async (_, changes, expected) => {
    const scene = await createScene();
    scene.authority.setMetadata(changes);
    expect(await failureOf(createTokenSource(scene.options).getToken())).toMatchObject({
      step: 'authorization_server_metadata',
      ...expected,
    });
    expect(tokenRequests(scene)).toHaveLength(0);
  });

  it('takes what the metadata does not mention for possible', async () => {
    const scene = await createScene();
    scene.authority.setMetadata({
      grant_types_supported: undefined,
      token_endpoint_auth_methods_supported: undefined,
      token_endpoint_auth_signing_alg_values_supported: undefined,
    });
    expect((await createTokenSource(scene.options).getToken()).tokenType).toBe('Bearer');
  });

  it('says so when the authorization server publishes no metadata', async () => {
    const scene = await createScene();
    scene.authority.endpoints.metadata.answerWith({ status: 404 });
    expect(await failureOf(createTokenSource(scene.options).getToken())).toMatchObject({
      code: 'metadata_not_found',
      step: 'authorization_server_metadata',
      server: scene.authority.issuer,
    });
  });
});
