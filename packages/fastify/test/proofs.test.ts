import { createDpopProof, createTestAuthority, generateDpopKey, type TestAuthority } from '@mcp-m2m/testing';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McpAuth } from '@mcp-m2m/fastify';
import { RESOURCE, send, startApp, type ProtectedApp } from './protected-app.ts';
import { FASTIFY_VERSIONS } from './running-fastify.ts';

let authority: TestAuthority;
let time = Date.now();
const now = (): number => time;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
});

afterAll(() => authority.close());

describe.each(FASTIFY_VERSIONS)('proofs in %s', (_, createFastify) => {
  const start = (
    compose: (app: FastifyInstance, auth: McpAuth) => void,
    dpop: object = {},
    more: object = {},
  ): Promise<ProtectedApp> =>
    startApp({ authorizationServers: [authority.issuer], now, dpop }, compose, {
      createFastify,
      ...more,
    });

  async function createClient(app: ProtectedApp) {
    const key = await generateDpopKey();
    const accessToken = authority.mint({ cnf: { jkt: key.thumbprint } });
    return (claims: { readonly url?: string; readonly nonce?: string }, init: RequestInit = {}) => {
      const proof = { key, method: 'POST', url: RESOURCE, accessToken, now, ...claims };
      const headers = { authorization: `DPoP ${accessToken}`, dpop: createDpopProof(proof) };
      return send(app, undefined, undefined, { ...init, headers });
    };
  }

  it('are compared with the path as it was sent, not with what it is rewritten to', async () => {
    await using app = await start(
      (root, auth) => {
        void root.register(auth.protect());
        root.post('/inner', () => ({}));
      },
      {},
      { rewriteUrl: () => '/inner' },
    );
    const call = await createClient(app);
    expect((await call({})).status).toBe(200);
    expect((await call({ url: 'https://mcp.example.com/inner' })).status).toBe(401);
  });

  it('are looked at once, where a scope and one around it are protected', async () => {
    await using app = await start((root, auth) => {
      void root.register(auth.protect());
      void root.register(async (scope) => {
        await scope.register(auth.protect());
        scope.post('/mcp', () => ({}));
      });
    });
    const call = await createClient(app);
    expect((await call({})).status).toBe(200);
  });

  it('get their next nonce with every answer, whoever gives it', async () => {
    const served: unknown[] = [];
    await using app = await start(
      (root, auth) => {
        void root.register(auth.protect());
        root.post('/mcp', ({ auth: caller }, reply) => {
          served.push(caller?.clientId);
          if (served.length === 1) void reply.send('replied');
          else reply.hijack().raw.writeHead(200, { 'content-type': 'text/plain' }).end('hijacked');
        });
      },
      { nonce: { lifetimeSeconds: 60 } },
    );
    const call = await createClient(app);
    const demanded = await call({});
    expect(demanded.status).toBe(401);
    const nonce = demanded.headers.get('dpop-nonce') ?? '';
    time += 60_000;
    const broken = await call({ nonce }, { body: '{"broken' });
    const replied = await call({ nonce });
    const hijacked = await call({ nonce });
    expect([broken.status, replied.status, hijacked.status]).toEqual([400, 200, 200]);
    for (const { headers } of [broken, replied, hijacked]) {
      expect(headers.get('dpop-nonce')).toMatch(/^[\w-]{10,}/);
      expect(headers.get('dpop-nonce')).not.toBe(nonce);
    }
    expect([await replied.text(), await hijacked.text()]).toEqual(['replied', 'hijacked']);
    expect(served).toEqual(['test-client', 'test-client']);
  });
});
