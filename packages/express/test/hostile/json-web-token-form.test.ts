import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSigningKey, createTestAuthority, type SigningKey, type TestAuthority } from '@mcp-m2m/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  expectInvalidToken,
  RESOURCE,
  send,
  sendRaw,
  startProtectedApp,
  type ProtectedApp,
} from '../protected-app.ts';
import { craftTokens } from './crafted-tokens.ts';
import { HOSTILE_TOKENS, type HostileWorld } from './json-web-tokens.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

let authority: TestAuthority;
let attacker: SigningKey;
let app: ProtectedApp;
let canary: Server;
let world: HostileWorld;
let canaryRequests = 0;
const fetched: string[] = [];

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  // Two keys for the same algorithm, so that a token without a key id leaves open which one is meant.
  await authority.addKey('ES256');
  const rsaKey = await authority.addKey('RS256');
  attacker = await createSigningKey('ES256', 'attacker');
  canary = createServer((_, response) => {
    canaryRequests++;
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ keys: [attacker.publicJwk] }));
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  const canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/jwks`;
  authority.endpoints.jwks.setHeaders({ 'cache-control': 'max-age=600' });
  app = await startProtectedApp({
    authorizationServers: [authority.issuer],
    now: authority.now,
    fetch: (url, init) => {
      fetched.push(url);
      return fetch(url, init);
    },
  });
  await app.auth.preload();
  world = {
    ...craftTokens(authority, attacker),
    mint: (...given) => authority.mint(...given),
    authority,
    rsaKey,
    attacker,
    canaryUrl,
  };
});

beforeEach(() => {
  // An unknown key id may cause a fetch again.
  authority.advanceSeconds(5);
  fetched.length = 0;
  app.callers.length = 0;
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
  await new Promise((resolve) => canary.close(resolve));
});

describe('a token that is not in the form of an access token', () => {
  it.each(HOSTILE_TOKENS)('%s', async (_, reason, craft) => {
    authority.clearRequests();
    const response = await send(app, `Bearer ${await craft(world)}`);
    await expectInvalidToken(app, response, reason);
    // Only a key id that is not known may make the server ask, and then the pinned issuer alone.
    expect(authority.requests.map(({ endpoint }) => endpoint)).toEqual(
      reason === 'key_unknown' ? ['jwks'] : [],
    );
    expect(fetched).toEqual(reason === 'key_unknown' ? [authority.jwksUri] : []);
    expect(canaryRequests).toBe(0);
  });

  it('J12: the certificate in x5c is one that a trusting verifier would take the key from', () => {
    const certificate = new X509Certificate(selfSignedCertificate(attacker));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('J47: Node.js refuses more than 16 kB of headers before any of this runs', async () => {
    const answer = await sendRaw(app, [
      `Authorization: Bearer ${authority.mint({ filler: 'x'.repeat(16_384) })}`,
    ]);
    expect(answer.status).toBe(431);
  });
});

describe('a token that is unusual and right', () => {
  it.each([
    ['AT+JWT', () => authority.mint({}, { typ: 'AT+JWT' })],
    ['application/at+jwt', () => authority.mint({}, { typ: 'application/at+jwt' })],
    ['a float exp', () => authority.mint({ exp: authority.now() / 1000 + 60.5 })],
  ] as const)('J control: %s is accepted', async (_, token) => {
    const response = await send(app, `Bearer ${token()}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('whoami');
  });
});
