import { inspect } from 'node:util';
import { mcpAuth, type Caller, type Decision } from '@mcp-m2m/express';
import {
  createSigningKey,
  createTestAuthority,
  type DpopProofOptions,
  type TestAuthority,
} from '@mcp-m2m/testing';
import type { ErrorRequestHandler } from 'express';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RESOURCE, send, startProtectedApp, toolCall, type ProtectedApp } from '../protected-app.ts';
import { createDpopClient, type DpopClient } from './dpop-requests.ts';

let authority: TestAuthority;
let app: ProtectedApp;
/** Everything that left the adapter in whatever form: responses, decisions, inspections, errors. */
const trail: string[] = [];

const record = (value: unknown): void => {
  trail.push(inspect(value, { depth: 20, showHidden: true }), inspect(value), String(value));
  trail.push(JSON.stringify(value) ?? '');
};

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({
    authorizationServers: [authority.issuer],
    now: authority.now,
    timeoutMilliseconds: 1500,
    onDecision: record,
    mount: (server, auth, handler) => {
      server.all('/mcp', auth.protect(), (request, _, next) => {
        record(request.auth);
        record(auth.callerOf(request));
        record({ nested: [request.auth] });
        next();
      });
      server.all('/mcp', handler);
      const onError: ErrorRequestHandler = (error, _request, response, _next) => {
        record(error);
        response.status(500).end();
      };
      server.use(onError);
    },
  });
});

beforeEach(() => {
  trail.length = 0;
  authority.comeBack();
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

async function sendAndRecord(authorization: string, body?: unknown, init?: RequestInit): Promise<number> {
  const response = await send(app, authorization, body, init);
  trail.push(inspect([...response.headers]), await response.text());
  return response.status;
}

/** The token, its parts, and pieces of it: none may be found anywhere. */
function expectNoTraceOf(secret: string): void {
  const parts = secret.split('.').filter((part) => part.length > 12);
  const [, , signature = secret] = secret.split('.');
  const pieces = [secret, ...parts, signature.slice(0, 16), signature.slice(-16)].filter(
    (piece) => piece.length >= 8,
  );
  const everything = trail.join('\n');
  expect(everything.length).toBeGreaterThan(100);
  for (const piece of pieces) expect(everything).not.toContain(piece);
}

describe('no part of a token leaves the adapter', () => {
  it('S3: when the request is served', async () => {
    const token = authority.mint();
    expect(await sendAndRecord(`Bearer ${token}`, toolCall('whoami'))).toBe(200);
    expectNoTraceOf(token);
    expect(trail.join()).toContain('test-client');
  });

  it.each([
    ['it has expired', () => authority.mint({}, { expiresInSeconds: -100 })],
    ['it is for another resource', () => authority.mint({ aud: 'https://other.example' })],
    ['its scope is broken', () => authority.mint({ scope: 7 })],
    ['its issuer is unknown', () => authority.mint({ iss: 'https://other.example' })],
    ['its type is wrong', () => authority.mint({}, { typ: 'JWT' })],
    ['its algorithm is wrong', () => authority.mint({}, { header: { alg: 'HS256' } })],
    ['its signature is wrong', () => `${authority.mint().slice(0, -20)}${'A'.repeat(20)}`],
    ['its key is unknown', () => authority.mint({}, { header: { kid: 'unknown' } })],
    ['it is cut', () => authority.mint().slice(0, -1)],
    ['it is bound', () => authority.mint({ cnf: { jkt: 'x' } })],
    ['its scopes do not suffice', () => authority.mint({ scope: 'other' })],
    ['it is opaque', () => 'canary_3f9Qz7XbW0aKcV5mN8pRtY2uL6sDhG4j'],
    ['it is in a list', () => `${authority.mint()}, Bearer canary_3f9Qz7XbW0aKcV5mN8pRtY2u`],
  ])('S3: when %s', async (_, mint) => {
    const token = mint();
    expect(await sendAndRecord(`Bearer ${token}`)).toBeGreaterThanOrEqual(400);
    for (const one of token.split(', Bearer ')) expectNoTraceOf(one);
  });

  it('S3: when its tool is for people, and when its body is broken', async () => {
    const token = authority.mint();
    expect(await sendAndRecord(`Bearer ${token}`, toolCall('approve_production'))).toBe(403);
    expect(await sendAndRecord(`Bearer ${token}`, undefined, { body: '{"broken' })).toBe(400);
    expectNoTraceOf(token);
  });

  it.each([
    ['down', () => authority.goDown()],
    ['hanging', () => authority.hang()],
  ])('S3: when the authorization server is %s', async (_, fail) => {
    const token = authority.mint({}, { key: await createSigningKey() });
    fail();
    authority.advanceSeconds(90_000);
    const fresh = authority.mint();
    expect(await sendAndRecord(`Bearer ${fresh}`)).toBe(503);
    expect(await sendAndRecord(`Bearer ${token}`)).toBe(503);
    expectNoTraceOf(token);
    expectNoTraceOf(fresh);
  });

  it.each([
    ['Basic', () => `Basic ${Buffer.from('client:canary-secret-value').toString('base64')}`],
    ['a scheme that nobody knows', () => 'Custom canary_3f9Qz7XbW0aKcV5mN8pRtY2uL6sDhG4j'],
    ['a token without a scheme', () => authority.mint()],
  ])('S5: nor does an Authorization header with %s', async (_, header) => {
    const value = header();
    expect(await sendAndRecord(value)).toBe(401);
    record(app.decisions);
    expectNoTraceOf(value.replace(/^\w+ /, ''));
  });

  it('S3: nor does one in the query or the form body', async () => {
    const token = authority.mint();
    const url = `${app.url}?access_token=${token}`;
    const response = await send({ ...app, url }, undefined, undefined, { body: `access_token=${token}` });
    trail.push(inspect([...response.headers]), await response.text());
    expectNoTraceOf(token);
  });

  it('S4: nor do private members of a key that an authorization server published by mistake', async () => {
    const key = await createSigningKey('ES256');
    const jwk = { ...(await exportJWK(key.privateKey)), kid: key.keyId, alg: 'ES256' };
    authority.publishKeys({ keys: [jwk] });
    const decisions: Decision[] = [];
    await using careless = await startProtectedApp({
      authorizationServers: [authority.issuer],
      now: authority.now,
      onDecision: (decision) => decisions.push(decision),
    });
    const response = await send(careless, `Bearer ${authority.mint({}, { key })}`);
    authority.publishKeys(undefined);
    // Anybody can sign with such a key: it verifies nothing.
    expect(response.status).toBe(503);
    record([decisions, careless.callers, careless.auth]);
    trail.push(await response.text());
    expectNoTraceOf(String(jwk.d));
  });
});

describe('no part of a proof leaves the adapter', () => {
  let client: DpopClient;

  beforeAll(async () => {
    // Past the pause that the outages above have led to.
    authority.advanceSeconds(60);
    client = await createDpopClient(authority);
  });

  async function proveAndRecord(proof: string, init: RequestInit = {}): Promise<number> {
    const headers = { ...(init.headers as Record<string, string> | undefined), dpop: proof };
    return sendAndRecord(`DPoP ${client.token}`, undefined, { ...init, headers });
  }

  it('S2: when the request is served, and when the proof comes again', async () => {
    const proof = client.prove();
    expect(await proveAndRecord(proof)).toBe(200);
    expect(await proveAndRecord(proof)).toBe(401);
    expectNoTraceOf(proof);
    expectNoTraceOf(client.token);
  });

  it.each<[string, () => Partial<DpopProofOptions>]>([
    ['it is for another URL', () => ({ url: 'https://other.example/mcp' })],
    ['it is for another method', () => ({ method: 'GET' })],
    ['it is too old', () => ({ claims: { iat: 1 } })],
    ['its type is wrong', () => ({ header: { typ: 'JWT' } })],
    ['its algorithm is wrong', () => ({ header: { alg: 'HS256' } })],
    ['its key is another', () => ({ header: { jwk: { kty: 'EC' } } })],
    ['it is for another token', () => ({ accessToken: 'other' })],
    ['its jti is broken', () => ({ claims: { jti: ['canary'] } })],
  ])('S2: when %s', async (_, options) => {
    const proof = client.prove(options());
    expect(await proveAndRecord(proof)).toBe(401);
    expectNoTraceOf(proof);
    expectNoTraceOf(client.token);
  });

  it('S2: when it is cut, doubled, or in the place of the token', async () => {
    const proof = client.prove();
    expect(await proveAndRecord(proof.slice(0, -1))).toBe(401);
    expect(await proveAndRecord(`${proof}, ${proof}`)).toBe(401);
    expect(await sendAndRecord(`DPoP ${proof}`, undefined, { headers: { dpop: proof } })).toBe(401);
    expectNoTraceOf(proof);
  });

  it('S3: nor does a token that a client put into its proof', async () => {
    const { token } = client;
    expect(await proveAndRecord(client.prove({ claims: { ath: token } }))).toBe(401);
    expect(await proveAndRecord(client.prove({ claims: { jti: token } }))).toBe(401);
    expect(
      await proveAndRecord(client.prove({ claims: { htu: `${RESOURCE}x?access_token=${token}` } })),
    ).toBe(401);
    expect(await proveAndRecord(client.prove({ claims: { nonce: token } }))).toBe(401);
    expectNoTraceOf(token);
  });

  it('S4: nor does a private key that a client put into its proof', async () => {
    const jwk = await exportJWK(client.key.privateKey);
    expect(await proveAndRecord(client.prove({ header: { jwk } }))).toBe(401);
    expectNoTraceOf(String(jwk.d));
  });

  it('S1: nor does the secret of nonces, or the nonce that a proof carries', async () => {
    const secret = Buffer.from('canary-3f9Qz7XbW0aKcV5mN8pRtY2uL6sDhG4j');
    const settings = { authorizationServers: [authority.issuer], now: authority.now, onDecision: record };
    await using app2 = await startProtectedApp({ ...settings, dpop: { nonce: { secret } } });
    const nonce = 'canary-nonce-of-elsewhere';
    const headers = { dpop: client.prove({ nonce }) };
    const response = await send(app2, `DPoP ${client.token}`, undefined, { headers });
    trail.push(inspect([...response.headers]), await response.text());
    expect(response.status).toBe(401);
    record(app2.auth);
    for (const text of [nonce, secret.toString(), secret.toString('base64url')]) expectNoTraceOf(text);
  });
});

describe('what a caller shows of itself', () => {
  it('S3: the token is there for the SDK and nowhere to be seen', async () => {
    const token = authority.mint();
    let caller: Caller | undefined;
    await using plain = await startProtectedApp({
      authorizationServers: [authority.issuer],
      now: authority.now,
      mount: (server, auth) =>
        server.all('/mcp', auth.protect(), (request, response) => {
          caller = request.auth;
          response.end();
        }),
    });
    await send(plain, `Bearer ${token}`);
    expect(caller?.token).toBe(token);
    record(caller);
    expectNoTraceOf(token);
  });

  it('S1: configuration that is refused is not repeated with a secret in it', () => {
    const secret = 'canary-3f9Qz7XbW0aKcV5m';
    const options = {
      resource: `https://user:${secret}@mcp.example.com/mcp`,
      authorizationServers: ['https://a.example'],
    };
    expect(() => mcpAuth(options)).toThrow(/^resource must not contain a user name or password/);
    try {
      mcpAuth(options);
    } catch (error) {
      record(error);
    }
    expectNoTraceOf(secret);
  });
});
