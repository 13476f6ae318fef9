import { generateKeyPairSync } from 'node:crypto';
import { createSigningKey, createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectInvalidToken,
  expectUnavailable,
  RESOURCE,
  send,
  startProtectedApp,
  type ProtectedApp,
} from '../protected-app.ts';

let authority: TestAuthority;
let app: ProtectedApp;

beforeEach(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now });
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

const bearer = (...mint: Parameters<TestAuthority['mint']>): string => `Bearer ${authority.mint(...mint)}`;
/** Fails, rather than waits, when the answer takes three seconds. */
const sendBounded = (authorization: string): Promise<Response> =>
  send(app, authorization, undefined, { signal: AbortSignal.timeout(3000) });
const keyFetches = (): number => authority.endpoints.jwks.requests.length;

async function expectServed(authorization = bearer()): Promise<void> {
  const response = await sendBounded(authorization);
  expect(response.status).toBe(200);
  await response.text();
  app.callers.length = 0;
}

/** Waits for a refresh that was started behind the answer of a request. */
const untilFetched = (count: number): Promise<void> =>
  expect
    .poll(keyFetches, { timeout: 3000 })
    .toBeGreaterThanOrEqual(count)
    .then(() => undefined);

describe('key ids that nobody published', () => {
  it('K1: a thousand random key ids are refused and cause one fetch in five seconds', async () => {
    await expectServed();
    authority.advanceSeconds(5);
    authority.clearRequests();
    const attacker = await createSigningKey();
    const storm = async (worker: number): Promise<void> => {
      for (let index = worker; index < 1000; index += 20) {
        const response = await send(app, bearer({}, { key: attacker, header: { kid: `random-${index}` } }));
        await expectInvalidToken(app, response, 'key_unknown');
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, worker) => storm(worker)));
    expect(authority.requests.map(({ endpoint }) => endpoint)).toEqual(['jwks']);
    await expectServed();
    authority.advanceSeconds(5);
    await storm(19);
    expect(keyFetches()).toBe(2);
  });

  it('K1: a hard rotation is seen within five seconds, and not by each of the requests', async () => {
    await expectServed();
    await authority.rotateHard();
    authority.advanceSeconds(5);
    authority.clearRequests();
    await Promise.all(Array.from({ length: 20 }, () => expectServed()));
    expect(keyFetches()).toBe(1);
  });
});

describe('key sets with keys that must not verify access tokens', () => {
  it('K3: an empty key set leaves the last good keys in use', async () => {
    await expectServed();
    authority.publishKeys({ keys: [] });
    authority.advanceSeconds(301);
    await expectServed();
    await untilFetched(2);
    await expectServed();
    authority.advanceSeconds(700);
    await expectServed();
  });

  it('K3: an empty key set at the start is not the token’s fault', async () => {
    authority.publishKeys({ keys: [] });
    await expectUnavailable(app, await sendBounded(bearer()));
  });

  it('K4: one key id for two keys is refused with a reason of its own', async () => {
    const { publicJwk, keyId } = authority.signingKey;
    const second = await createSigningKey('ES256', keyId);
    authority.publishKeys({ keys: [publicJwk, second.publicJwk] });
    await expectInvalidToken(app, await sendBounded(bearer()), 'key_ambiguous');
    await expectInvalidToken(app, await sendBounded(bearer({}, { key: second })), 'key_ambiguous');
    expect(app.decisions.at(-1)?.received).toContain(keyId);
  });

  it('K4: one key id for keys of two algorithms is no ambiguity', async () => {
    const { publicJwk, keyId } = authority.signingKey;
    const second = await createSigningKey('EdDSA', keyId);
    authority.publishKeys({ keys: [publicJwk, second.publicJwk] });
    await expectServed();
    await expectServed(bearer({}, { key: second }));
  });

  it.each([
    ['K6: use enc', { use: 'enc' }],
    ['K6: use a list', { use: ['sig'] }],
    ['K6: key_ops for encryption', { use: undefined, key_ops: ['encrypt'] }],
    ['K6: an algorithm that does not fit the curve', { alg: 'ES384' }],
    ['K6: an algorithm for encryption', { alg: 'ECDH-ES' }],
    ['K7: a key id that is no text', { kid: 7 }],
    ['K7: coordinates off the curve', { x: 'A'.repeat(43) }],
    ['K7: another curve', { crv: 'secp256k1' }],
  ])('%s: the key is passed over, the others stay', async (_, change) => {
    const other = await createSigningKey('ES256');
    authority.publishKeys({ keys: [{ ...authority.signingKey.publicJwk, ...change }, other.publicJwk] });
    await expectServed(bearer({}, { key: other }));
    await expectInvalidToken(app, await sendBounded(bearer()), 'key_unknown');
  });

  it('K7: a symmetric key is passed over, and what it signed is refused', async () => {
    const secret = Buffer.alloc(32, 7);
    const jwk = { kty: 'oct', k: secret.toString('base64url'), kid: 'shared', alg: 'HS256', use: 'sig' };
    authority.publishKeys({ keys: [jwk, authority.signingKey.publicJwk] });
    await expectServed();
    for (const alg of ['HS256', 'ES256']) {
      const token = bearer({}, { algorithm: 'HS256', key: secret, header: { kid: 'shared', alg } });
      const reason = alg === 'HS256' ? 'algorithm_not_allowed' : 'key_unknown';
      await expectInvalidToken(app, await sendBounded(token), reason);
    }
  });

  it('K7: members that are no keys at all do not spoil the others', async () => {
    const rubbish = [
      null,
      7,
      'key',
      [],
      {},
      { kty: 'RSA' },
      { kty: 'EC', crv: 'P-256' },
      { kty: '__proto__' },
    ];
    authority.publishKeys({ keys: [...rubbish, authority.signingKey.publicJwk] });
    await expectServed();
  });

  it('K7: an RSA key of 1024 bits is passed over', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const weak = { ...publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256' };
    authority.publishKeys({ keys: [weak, authority.signingKey.publicJwk] });
    await expectServed();
    const token = bearer({}, { key: privateKey, algorithm: 'RS256', header: { kid: 'weak' } });
    await expectInvalidToken(app, await sendBounded(token), 'key_unknown');
  });
});

describe('how long keys are trusted', () => {
  it('K14: a withdrawn key is refused after ten minutes at the most, without traffic in between', async () => {
    const token = authority.mint({}, { expiresInSeconds: 3600 });
    await expectServed(`Bearer ${token}`);
    await authority.rotateHard();
    authority.advanceSeconds(600);
    await expectInvalidToken(app, await sendBounded(`Bearer ${token}`), 'key_unknown');
  });

  it('K14: with traffic it is refused as soon as the keys have been asked for again', async () => {
    const token = authority.mint({}, { expiresInSeconds: 3600 });
    await expectServed(`Bearer ${token}`);
    await authority.rotateHard();
    authority.advanceSeconds(301);
    await expectServed(`Bearer ${token}`);
    await untilFetched(2);
    await expect.poll(async () => (await sendBounded(`Bearer ${token}`)).status, { timeout: 3000 }).toBe(401);
  });

  it.each(['max-age=31536000, immutable', 'max-age=999999999999999999999', 'public, max-age="31536000"'])(
    'K16: Cache-Control %s is clamped to ten minutes',
    async (cacheControl) => {
      authority.endpoints.jwks.setHeaders({ 'cache-control': cacheControl });
      const token = authority.mint({}, { expiresInSeconds: 3600 });
      await expectServed(`Bearer ${token}`);
      await authority.rotateHard();
      authority.advanceSeconds(600);
      await expectInvalidToken(app, await sendBounded(`Bearer ${token}`), 'key_unknown');
    },
  );

  it.each(['no-store', 'no-cache', 'max-age=0', 'max-age=-1', 'max-age=nonsense', ''])(
    'K16: Cache-Control "%s" causes no fetch for each request',
    async (cacheControl) => {
      authority.endpoints.jwks.setHeaders({ 'cache-control': cacheControl });
      await expectServed();
      authority.advanceSeconds(59);
      for (let count = 0; count < 10; count++) await expectServed();
      expect(keyFetches()).toBe(1);
    },
  );
});
