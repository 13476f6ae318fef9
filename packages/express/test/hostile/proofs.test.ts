import { generateKeyPairSync } from 'node:crypto';
import { createSigningKey, createTestAuthority, type SigningKey, type TestAuthority } from '@mcp-m2m/testing';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RESOURCE, sendRaw, startProtectedApp, type ProtectedApp } from '../protected-app.ts';
import { createDpopClient, expectProofRefusal, sendProof, type DpopClient } from './dpop-requests.ts';
import { HOSTILE_PROOFS } from './proof-rows.ts';

let authority: TestAuthority;
let app: ProtectedApp;
let client: DpopClient;
let otherKey: SigningKey;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now });
  client = await createDpopClient(authority);
  otherKey = await createSigningKey();
});

beforeEach(() => {
  app.callers.length = 0;
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

/** What the operator is told to be at fault, by the id of the row: a proof must not be refused for something else. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  D3: /well-formed/,
  D4: /"jti"/,
  D5: /"htm"/,
  D6: /"htu"/,
  D7: /"iat"/,
  D8: /"typ"/,
  D9: /"alg"|"jwk"|well-formed/,
  D10: /a valid signature|well-formed/,
  D12: /"jwk"/,
  D13: /"htm"/,
  D14: /"htu"/,
  D15: /"htu"/,
  D17: /"iat"|"exp"|"nbf"/,
  D18: /"iat"|well-formed/,
  D19: /"ath"/,
  D20: /the key that the access token is bound to/,
};

const INVALID = { reason: 'proof_invalid' } as const;

describe('a proof that is not sound', () => {
  it('D: (control) a good one is served', async () => {
    expect((await sendProof(app, client, client.prove())).status).toBe(200);
    expect(app.callers).toHaveLength(1);
  });

  it.each(HOSTILE_PROOFS)('%s', async (name, proof) => {
    const response = await sendProof(app, client, proof({ client, authority, otherKey }));
    await expectProofRefusal(app, response, INVALID);
    expect(app.decisions.at(-1)?.expected).toMatch(FAULTS[name.split(':', 1)[0] ?? ''] ?? /never/);
  });

  it.each([
    ['D1: missing', undefined],
    ['D1: empty', ''],
  ])('%s', async (_, proof) => {
    await expectProofRefusal(app, await sendProof(app, client, proof), { reason: 'proof_missing' });
  });

  it.each([
    ['D3: two headers with two proofs', () => [client.prove(), client.prove()]],
    ['D3: two headers with the same proof', () => Array.from<string>({ length: 2 }).fill(client.prove())],
    ['D3: two headers, the first one empty', () => ['', client.prove()]],
    ['D3: two headers, the second one empty', () => [client.prove(), '']],
  ])('%s', async (_, proofs) => {
    const headers = proofs().map((proof) => `DPoP: ${proof}`);
    const answer = await sendRaw(app, [`Authorization: DPoP ${client.token}`, ...headers]);
    expect(answer.status).toBe(401);
    expect(answer.head).toContain('error="invalid_dpop_proof"');
    expect(app.decisions.at(-1)?.reason).toBe('proof_invalid');
    expect(app.callers).toEqual([]);
  });

  it('D: tells the operator what was expected and received, and the client what is expected alone', async () => {
    const htu = 'https://mcp.example.com/other?secret=canary';
    const response = await sendProof(app, client, client.prove({ claims: { htu } }));
    expect(await response.text()).not.toContain('/other');
    expect(app.decisions.at(-1)).toMatchObject({
      expected: '"htu": "https://mcp.example.com/mcp"',
      received: '"https://mcp.example.com/other"',
    });
  });
});

describe('a proof by a key that must not prove anything', () => {
  /** A token bound to exactly this JWK, and a proof that shows it. */
  async function sendWithKey(jwk: JWK, proof: Parameters<DpopClient['prove']>[0]): Promise<Response> {
    const token = authority.mint({ cnf: { jkt: await calculateJwkThumbprint(jwk) } });
    return sendProof(app, { token }, client.prove({ accessToken: token, header: { jwk }, ...proof }));
  }

  it('D9: symmetric, and bound to the token', async () => {
    const jwk = { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0' };
    const proof = { header: { jwk, alg: 'HS256' } };
    await expectProofRefusal(app, await sendWithKey(jwk, proof), INVALID);
    await expectProofRefusal(app, await sendWithKey(jwk, {}), INVALID);
  });

  it('D9: of an algorithm that is not offered', async () => {
    const other = await createDpopClient(authority, {}, 'ES512');
    await expectProofRefusal(app, await sendProof(app, other, other.prove()), INVALID);
  });

  it('D12: the private key itself', async () => {
    const jwk = await exportJWK(client.key.privateKey);
    await expectProofRefusal(app, await sendWithKey(jwk, {}), INVALID);
    await expectProofRefusal(app, await sendProof(app, client, client.prove({ header: { jwk } })), INVALID);
  });

  it('D12: RSA with 1024 bits', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = publicKey.export({ format: 'jwk' }) as JWK;
    const proof = { algorithm: 'RS256', header: { jwk }, signWith: privateKey } as const;
    await expectProofRefusal(app, await sendWithKey(jwk, proof), INVALID);
  });

  it('D12: a point that is not on the curve, though the token is bound to it', async () => {
    const { kty, crv, x } = client.key.publicJwk;
    await expectProofRefusal(app, await sendWithKey({ kty, crv, x, y: x } as JWK, {}), INVALID);
  });

  it('D20: a coordinate in another spelling, which is another thumbprint', async () => {
    const jwk = { ...client.key.publicJwk, x: `${client.key.publicJwk.x}=` };
    const response = await sendProof(app, client, client.prove({ header: { jwk } }));
    await expectProofRefusal(app, response, INVALID);
  });
});

describe('a good proof', () => {
  it.each(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA'] as const)(
    'D9: is served with %s',
    async (algorithm) => {
      const other = await createDpopClient(authority, {}, algorithm);
      expect((await sendProof(app, other, other.prove())).status).toBe(200);
      expect((await sendProof(app, other, other.prove())).status).toBe(200);
    },
  );

  it('D9: is served with the name Ed25519 for EdDSA', async () => {
    const other = await createDpopClient(authority, {}, 'EdDSA');
    expect((await sendProof(app, other, other.prove({ header: { alg: 'Ed25519' } }))).status).toBe(200);
  });

  it('D9: is refused with an algorithm that the server leaves out, and the challenge says which it takes', async () => {
    const dpop = { algorithms: ['EdDSA', 'Ed25519'] } as const;
    const settings = { authorizationServers: [authority.issuer], now: authority.now, dpop };
    await using strict = await startProtectedApp(settings);
    const response = await sendProof(strict, client, client.prove());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('algs="EdDSA Ed25519"');
    const other = await createDpopClient(authority, {}, 'EdDSA');
    expect((await sendProof(strict, other, other.prove())).status).toBe(200);
  });

  it.each([-299, 299])('D17: is served with an iat off by %i seconds', async (seconds) => {
    const iat = Math.floor(authority.now() / 1000) + seconds;
    expect((await sendProof(app, client, client.prove({ claims: { iat } }))).status).toBe(200);
  });

  it.each([
    ['D8: typ in another case', { header: { typ: 'DPoP+JWT' } }],
    ['D12: further members of the jwk', () => ({ header: { jwk: { ...client.key.publicJwk, use: 'enc' } } })],
    ['D18: an iat with a fraction', () => ({ claims: { iat: authority.now() / 1000 } })],
    ['D17: an exp and an nbf that hold', () => ({ claims: { exp: authority.now() / 1000 + 60, nbf: 1 } })],
    ['D4: a jti of 256 characters', { claims: { jti: 'ü'.repeat(256) } }],
    ['D: claims that nobody knows', { claims: { iss: 'x', nonce: 'not asked for', extra: { deep: [1] } } }],
  ] as const)('%s is served', async (_, options) => {
    const proof = client.prove(typeof options === 'function' ? options() : options);
    expect((await sendProof(app, client, proof)).status).toBe(200);
  });
});
