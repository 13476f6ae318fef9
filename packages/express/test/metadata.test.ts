import { mcpAuth, type McpAuthOptions } from '@mcp-m2m/express';
import { createSigningKey, type SigningAlgorithm, type SigningKey } from '@mcp-m2m/testing';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  METADATA_URL,
  RESOURCE,
  send,
  startProtectedApp,
  type ProtectedApp,
  type ProtectedAppOptions,
} from './protected-app.ts';

const ISSUER = 'https://auth.example.com';
const PATH = new URL(METADATA_URL).pathname;

const start = (options: Partial<ProtectedAppOptions> = {}): Promise<ProtectedApp> =>
  startProtectedApp({ authorizationServers: [ISSUER], access: {}, ...options });

async function documentOf(app: ProtectedApp, path = PATH): Promise<Record<string, unknown>> {
  const response = await fetch(new URL(path, app.url));
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  return (await response.json()) as Record<string, unknown>;
}

/** What the document says with DPoP left as it is. */
const DPOP = {
  dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
  dpop_bound_access_tokens_required: false,
};
const LEAST = { resource: RESOURCE, authorization_servers: [ISSUER], bearer_methods_supported: ['header'] };

describe('the metadata document', () => {
  it.each<readonly [string, Partial<McpAuthOptions>, object]>([
    ['nothing that is not configured', { dpop: false }, LEAST],
    ['DPoP, which is checked by default', {}, { ...LEAST, ...DPOP }],
    [
      'that DPoP is required',
      { dpop: { required: true } },
      { ...LEAST, ...DPOP, dpop_bound_access_tokens_required: true },
    ],
    [
      'the algorithms of proofs that are accepted',
      { dpop: { algorithms: ['ES384'] } },
      { ...LEAST, ...DPOP, dpop_signing_alg_values_supported: ['ES384'] },
    ],
    [
      'client certificates, where they are configured',
      { dpop: false, clientCertificate: { from: 'socket' } },
      { ...LEAST, tls_client_certificate_bound_access_tokens: true },
    ],
    [
      'every listed authorization server, in their order, by its issuer alone',
      {
        dpop: false,
        authorizationServers: [ISSUER, { issuer: 'https://second.example/', profile: 'auth0' }],
      },
      { ...LEAST, authorization_servers: [ISSUER, 'https://second.example/'] },
    ],
    ['no tenant of a resolver', { dpop: false, resolveAuthorizationServer: (issuer) => ({ issuer }) }, LEAST],
    [
      'its name and documentation',
      { dpop: false, resourceName: 'Deploy desk', resourceDocumentation: 'https://docs.example' },
      { ...LEAST, resource_name: 'Deploy desk', resource_documentation: 'https://docs.example' },
    ],
    [
      'the scopes of the whole policy, sorted, each once',
      {
        dpop: false,
        access: {
          scopes: ['read'],
          tools: { a: ['write', 'read'], b: { anyOf: ['x', 'y'] } },
          methods: { 'tools/list': ['list'] },
          scopeHierarchy: { admin: ['write'] },
        },
      },
      { ...LEAST, scopes_supported: expect.arrayContaining(['list', 'read', 'write', 'x', 'y']) },
    ],
    [
      'never offline_access',
      { dpop: false, access: { scopes: ['offline_access', 'read'] } },
      { ...LEAST, scopes_supported: ['read'] },
    ],
    ['no empty list of scopes', { dpop: false, access: { scopes: ['offline_access'] } }, LEAST],
  ])('says %s', async (_, options, expected) => {
    await using app = await start(options);
    expect(await documentOf(app)).toEqual(expected);
  });

  it('lists the scopes that the challenges ask for, and no others', async () => {
    await using app = await start({ access: { scopes: ['read'], tools: { x: ['write'] } } });
    const { scopes_supported: scopes } = await documentOf(app);
    const challenge = (await send(app, undefined)).headers.get('www-authenticate');
    expect(challenge).toContain('scope="read"');
    expect(challenge).toContain(`resource_metadata="${METADATA_URL}"`);
    expect(scopes).toEqual(['read', 'write']);
  });

  it('can be read by pages of any origin, and be kept for five minutes', async () => {
    await using app = await start();
    const { headers } = await fetch(new URL(PATH, app.url), { headers: { origin: 'https://page.example' } });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  it('is readable without credentials, whatever credentials come with the request', async () => {
    await using app = await start();
    const response = await fetch(new URL(PATH, app.url), { headers: { authorization: 'Bearer nonsense' } });
    expect(response.status).toBe(200);
    expect(app.decisions).toEqual([]);
  });
});

describe('the address of the document', () => {
  const WELL_KNOWN = '/.well-known/oauth-protected-resource';

  it.each([
    ['a path', 'https://mcp.example.com/a/b', `${WELL_KNOWN}/a/b`, 'https://mcp.example.com/a/b'],
    [
      'a path that ends in a slash',
      'https://mcp.example.com/a/',
      `${WELL_KNOWN}/a/`,
      'https://mcp.example.com/a/',
    ],
    ['a bare origin', 'https://mcp.example.com', WELL_KNOWN, 'https://mcp.example.com'],
    ['a bare origin with a slash', 'https://mcp.example.com/', WELL_KNOWN, 'https://mcp.example.com'],
    [
      'a query',
      'https://mcp.example.com/a?tenant=1',
      `${WELL_KNOWN}/a?tenant=1`,
      'https://mcp.example.com/a?tenant=1',
    ],
    [
      'a bare origin with a query',
      'https://mcp.example.com/?t=1',
      `${WELL_KNOWN}?t=1`,
      'https://mcp.example.com/?t=1',
    ],
    [
      'an encoded path',
      'https://mcp.example.com/%C3%A4',
      `${WELL_KNOWN}/%C3%A4`,
      'https://mcp.example.com/%C3%A4',
    ],
  ])('follows from the resource: %s', async (_, resource, path, canonical) => {
    await using app = await start({ resource });
    expect(await documentOf(app, path)).toMatchObject({ resource: canonical });
    const challenge = (await send(app, undefined)).headers.get('www-authenticate') ?? '';
    expect(challenge).toContain(`resource_metadata="https://mcp.example.com${path}"`);
  });

  it('tells resources apart that differ in their query alone', async () => {
    const second = mcpAuth({ resource: `${RESOURCE}?tenant=2`, authorizationServers: [ISSUER] });
    await using app = await start({
      resource: `${RESOURCE}?tenant=1`,
      mount: (server) => server.use(second.metadata()),
    });
    expect(await documentOf(app, `${PATH}?tenant=1`)).toMatchObject({ resource: `${RESOURCE}?tenant=1` });
    expect(await documentOf(app, `${PATH}?tenant=2`)).toMatchObject({ resource: `${RESOURCE}?tenant=2` });
    for (const query of ['', '?tenant=3', '?tenant=1&x=1']) {
      expect((await fetch(new URL(`${PATH}${query}`, app.url))).status).toBe(404);
    }
  });

  it('ignores the query where the resource has none', async () => {
    await using app = await start();
    expect(await documentOf(app, `${PATH}?cache-buster=1`)).toMatchObject({ resource: RESOURCE });
  });
});

describe('the signed document', () => {
  const sign = async (
    algorithm: SigningAlgorithm,
    more: object = {},
    options: Partial<McpAuthOptions> = {},
  ): Promise<ProtectedApp & { readonly key: SigningKey }> => {
    const key = await createSigningKey(algorithm);
    const signedMetadata = { key: key.privateKey, algorithm, keyId: key.keyId, ...more };
    return { ...(await start({ ...options, signedMetadata })), key };
  };

  it.each(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const)(
    'says in its JWT what it says beside it (%s)',
    async (algorithm) => {
      await using app = await sign(algorithm, {}, { access: { scopes: ['read'] }, resourceName: 'Desk' });
      const { signed_metadata: jwt, ...document } = await documentOf(app);
      const { payload, protectedHeader } = await jwtVerify(String(jwt), app.key.publicKey, {
        issuer: RESOURCE,
        algorithms: [algorithm],
        requiredClaims: ['iat'],
      });
      const { iss: _iss, iat: _iat, ...claims } = payload;
      expect(claims).toEqual(document);
      expect(protectedHeader).toMatchObject({ alg: algorithm, kid: app.key.keyId });
      // What is signed holds no signature itself (RFC 9728 §2.2).
      expect(claims).not.toHaveProperty('signed_metadata');
    },
  );

  it('names who vouches for it, and no key id where there is none', async () => {
    await using app = await sign('ES256', { issuer: 'https://federation.example', keyId: undefined });
    const { signed_metadata: jwt } = await documentOf(app);
    await jwtVerify(String(jwt), app.key.publicKey, { issuer: 'https://federation.example' });
    expect(decodeProtectedHeader(String(jwt)).kid).toBeUndefined();
  });

  it('is signed anew after an hour, and not for every request', async () => {
    let time = Date.now();
    await using app = await sign('ES256', {}, { now: () => time });
    const jwtOf = async (): Promise<unknown> => (await documentOf(app)).signed_metadata;
    const first = await jwtOf();
    time += 3_599_000;
    expect(await jwtOf()).toBe(first);
    time += 2000;
    expect(await jwtOf()).not.toBe(first);
  });

  it('is no access token: who replays it is refused', async () => {
    await using app = await sign('ES256');
    const { signed_metadata: jwt } = await documentOf(app);
    expect((await send(app, `Bearer ${String(jwt)}`)).status).toBe(401);
  });

  it.each([
    [
      'a public key',
      async () => ({ key: (await createSigningKey()).publicKey }),
      /^signedMetadata\.key must be a private/,
    ],
    ['no key', () => ({ key: undefined }), /^signedMetadata\.key must be a private CryptoKey/],
    [
      'a key as text',
      () => ({ key: '-----BEGIN PRIVATE KEY-----' }),
      /^signedMetadata\.key must be a private CryptoKey/,
    ],
    [
      'a key for another algorithm',
      async () => ({ key: (await createSigningKey('RS256')).privateKey }),
      /^signedMetadata\.key does not fit algorithm ES256: it is a key for RSASSA-PKCS1-v1_5/,
    ],
    [
      'a key on another curve',
      async () => ({ key: (await createSigningKey('ES384')).privateKey }),
      /^signedMetadata\.key does not fit algorithm ES256/,
    ],
    ['a symmetric algorithm', () => ({ algorithm: 'HS256' }), /^signedMetadata\.algorithm must be one of/],
    ['an empty key id', () => ({ keyId: '' }), /^signedMetadata\.keyId must be a text/],
    ['an issuer that is no text', () => ({ issuer: 7 }), /^signedMetadata\.issuer must be a text/],
    ['a misspelt option', () => ({ kid: 'x' }), /unknown option "kid"/],
  ])('is refused at construction with %s', async (_, wrong, message) => {
    await expect(sign('ES256', await wrong())).rejects.toThrow(message);
  });
});
