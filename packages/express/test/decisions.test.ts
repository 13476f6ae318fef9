import { clientSecretBasic } from '@mcp-m2m/core/server';
import type { Decision, McpAuthOptions } from '@mcp-m2m/express';
import { createSigningKey, createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS, RESOURCE, send, startProtectedApp, toolCall, type ProtectedApp } from './protected-app.ts';

let authority: TestAuthority;

beforeEach(async () => {
  const startedAt = Date.now();
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read', now: () => startedAt });
});

afterEach(() => authority.close());

const start = (options: Partial<McpAuthOptions> = {}): Promise<ProtectedApp> =>
  startProtectedApp({
    authorizationServers: [authority.issuer],
    now: authority.now,
    timeoutMilliseconds: 1500,
    ...options,
  });

/** Sends one request, and gives the one decision that it caused. */
async function decisionOn(
  app: ProtectedApp,
  token: string | undefined,
  body?: unknown,
  init?: RequestInit,
): Promise<Decision> {
  app.decisions.length = 0;
  const response = await send(app, token === undefined ? undefined : `Bearer ${token}`, body, init);
  await response.text();
  expect(app.decisions).toHaveLength(1);
  const [decision] = app.decisions;
  if (decision === undefined) throw new Error('no decision');
  expect(decision.outcome === 'allowed' ? response.status < 300 : response.status === decision.status).toBe(
    true,
  );
  expect(decision.durationMilliseconds).toBeGreaterThan(0);
  expect(Object.keys(decision).toSorted()).toEqual(MEMBERS);
  return decision;
}

const MEMBERS = [
  'callerKind',
  'clientId',
  'durationMilliseconds',
  'expected',
  'issuer',
  'operations',
  'outcome',
  'reason',
  'received',
  'status',
];

const NOBODY = { issuer: undefined, clientId: undefined, callerKind: undefined };
const somebody = () => ({ issuer: authority.issuer, clientId: 'test-client', callerKind: 'machine' });

describe('every request causes one decision', () => {
  it('that allows it, with what it asked for', async () => {
    await using app = await start();
    expect(await decisionOn(app, authority.mint(), toolCall('whoami'))).toMatchObject({
      outcome: 'allowed',
      reason: undefined,
      status: undefined,
      expected: undefined,
      received: undefined,
      operations: ['tools/call whoami'],
      ...somebody(),
    });
  });

  it('the same for a token that is verified already', async () => {
    await using app = await start();
    const token = authority.mint();
    const first = await decisionOn(app, token);
    const second = await decisionOn(app, token);
    expect({ ...second, durationMilliseconds: 0 }).toEqual({ ...first, durationMilliseconds: 0 });
  });

  it('for a batch too, with everything in it', async () => {
    await using app = await start();
    const batch = [toolCall('whoami'), { jsonrpc: '2.0', id: 2, method: 'tools/list' }];
    expect((await decisionOn(app, authority.mint({ scope: 'other' }), batch)).operations).toEqual([
      'tools/call whoami',
      'tools/list',
    ]);
  });

  it.each([
    ['no credentials', undefined, 'credentials_missing', 401],
    ['credentials that are a list', 'a, Bearer b', 'credentials_repeated', 400],
    ['a token with a comma', 'a,', 'credentials_malformed', 400],
    ['a token that is none', 'nonsense', 'token_malformed', 401],
  ] as const)('that refuses %s', async (_, token, reason, status) => {
    await using app = await start();
    expect(await decisionOn(app, token)).toMatchObject({
      outcome: 'refused',
      reason,
      status,
      ...NOBODY,
      operations: [],
    });
  });

  it.each([
    ['token_expired', () => authority.mint({}, { expiresInSeconds: -60 })],
    ['audience_mismatch', () => authority.mint({ aud: 'https://other.example' })],
    ['issuer_unknown', () => authority.mint({ iss: 'https://other.example' })],
    ['token_type_not_allowed', () => authority.mint({}, { typ: 'JWT' })],
    ['sender_constraint_unmet', () => authority.mint({ cnf: { jkt: 'x'.repeat(43) } })],
  ] as const)('that refuses a token: %s', async (reason, mint) => {
    await using app = await start();
    const decision = await decisionOn(app, mint());
    expect(decision).toMatchObject({ outcome: 'refused', reason, status: 401, ...NOBODY });
    expect([decision.expected, decision.received]).toEqual([expect.any(String), expect.any(String)]);
  });

  it('that refuses a forged token', async () => {
    await using app = await start();
    const key = await createSigningKey('ES256', authority.signingKey.keyId);
    expect(await decisionOn(app, authority.mint({}, { key }))).toMatchObject({
      reason: 'signature_invalid',
      ...NOBODY,
    });
  });

  it.each([
    ['scope_insufficient', toolCall('start_deployment', { service: 'web' })],
    ['user_required', toolCall('approve_production')],
  ] as const)('that refuses an operation: %s', async (reason, body) => {
    await using app = await start();
    const operations = [expect.stringMatching(/^tools\/call /)];
    expect(await decisionOn(app, authority.mint(), body)).toMatchObject({
      reason,
      status: 403,
      operations,
      ...somebody(),
    });
  });

  it('that refuses an operation which nobody may do', async () => {
    await using app = await start({ access: { ...ACCESS, unlistedTools: 'refuse' } });
    const decision = await decisionOn(app, authority.mint(), toolCall('whoami'));
    expect(decision).toMatchObject({ reason: 'operation_not_allowed', status: 403, ...somebody() });
  });

  it.each([
    ['body_not_json', 400, { body: '{"broken' }],
    ['body_not_json_rpc', 400, { body: '[]' }],
    ['body_too_large', 413, { body: `"${'x'.repeat(4_194_305)}"` }],
    ['media_type_not_supported', 415, { body: 'x', headers: { 'content-type': 'text/plain' } }],
    [
      'credentials_repeated',
      400,
      { body: 'access_token=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ] as const)('that refuses a body: %s', async (reason, status, init) => {
    await using app = await start();
    expect(await decisionOn(app, authority.mint(), undefined, init)).toMatchObject({
      reason,
      status,
      operations: [],
      ...somebody(),
    });
  });

  it('that cannot be made: keys, introspection, revocation, resolver', async () => {
    const authentication = clientSecretBasic({ clientSecret: 'not-registered' });
    const introspection = { clientId: 'desk', authentication };
    const failing = (): never => {
      throw new Error('down');
    };
    await using introspecting = await start({
      authorizationServers: [{ issuer: authority.issuer, introspection }],
    });
    expect(await decisionOn(introspecting, 'opaque')).toMatchObject({
      reason: 'issuer_unavailable',
      ...NOBODY,
    });
    await using revoking = await start({ isRevoked: failing });
    expect(await decisionOn(revoking, authority.mint())).toMatchObject({
      reason: 'revocation_unavailable',
      status: 503,
    });
    await using resolving = await start({ resolveAuthorizationServer: failing });
    const iss = 'https://tenant.example';
    expect(await decisionOn(resolving, authority.mint({ iss }))).toMatchObject({
      reason: 'issuer_unavailable',
    });
    authority.goDown();
    await using cold = await start();
    expect(await decisionOn(cold, authority.mint())).toMatchObject({
      reason: 'issuer_unavailable',
      status: 503,
    });
  });

  it.each(['GET', 'DELETE'])('of a request without a body: %s', async (method) => {
    await using app = await start({ access: {} });
    app.decisions.length = 0;
    await (await fetch(app.url, { method, headers: { authorization: `Bearer ${authority.mint()}` } })).text();
    expect(app.decisions).toMatchObject([{ outcome: 'allowed', operations: [], ...somebody() }]);
  });

  it('and one for each of many at the same time', async () => {
    await using app = await start();
    const tokens = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? authority.mint() : 'nonsense',
    );
    await Promise.all(tokens.map(async (token) => (await send(app, `Bearer ${token}`)).text()));
    expect(app.decisions.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(20);
    expect(app.decisions.filter(({ reason }) => reason === 'token_malformed')).toHaveLength(20);
  });
});

describe('a request for a document or a preflight', () => {
  it('is no decision', async () => {
    await using app = await start();
    await fetch(new URL('/.well-known/oauth-protected-resource/mcp', app.url));
    const headers = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
    await fetch(app.url, { method: 'OPTIONS', headers });
    expect(app.decisions).toEqual([]);
  });
});

describe('a listener that throws', () => {
  it('changes no decision', async () => {
    await using app = await start({
      onDecision: () => {
        throw new Error('the log is full');
      },
    });
    expect((await send(app, `Bearer ${authority.mint()}`)).status).toBe(200);
    expect((await send(app, 'Bearer nonsense')).status).toBe(401);
  });
});
