import { createSigningKey, createTestAuthority } from '@mcp-m2m/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { createJwtVerifier, decodeJwt, type JwtVerifierOptions } from '../../src/server/index.ts';

const authority = await createTestAuthority();
afterAll(async () => await authority.close());
const { issuer, signingKey } = authority;
const now = () => Math.floor(Date.now() / 1000);

const sign = (claims: object = {}, header: object = {}) =>
  authority.mintRaw({
    header: { alg: 'ES256', kid: signingKey.keyId, ...header },
    payload: { iss: issuer, sub: 'x', exp: now() + 60, ...claims },
  });
const reasonOf = async (jwt: string, options: Partial<JwtVerifierOptions> = {}) => {
  const judged = await createJwtVerifier({ issuer, ...options }).verify(jwt);
  return judged.accepted ? 'accepted' : judged.reason;
};

describe('a verifier of JWTs', () => {
  it('finds the keys by discovery, at an address, or is given them', async () => {
    const inline = { keys: [signingKey.publicJwk as Record<string, unknown>] };
    for (const options of [{}, { jwksUri: authority.jwksUri }, { jwks: inline }]) {
      const judged = await createJwtVerifier({ issuer, ...options }).verify(
        sign({ role: 'x' }, { typ: 'JWT' }),
      );
      expect(judged).toMatchObject({
        accepted: true,
        header: { typ: 'JWT' },
        claims: { sub: 'x', role: 'x' },
      });
    }
  });

  it('judges form, issuer, algorithm, key, signature and times, and nothing else', async () => {
    const stranger = await createSigningKey('ES256', signingKey.keyId);
    const [head = '', payload = ''] = sign().split('.');
    const forged = `${head}.${payload}.${authority.sign(`${head}.${payload}`, { key: stranger })}`;
    for (const [jwt, reason] of [
      ['nonsense', 'token_malformed'],
      [sign({}, { crit: ['exp'] }), 'token_malformed'],
      [sign({ iss: `${issuer}/` }), 'issuer_unknown'],
      [sign({ iss: undefined }), 'issuer_unknown'],
      [sign({}, { alg: 'none' }), 'algorithm_not_allowed'],
      [sign({}, { alg: 'HS256' }), 'algorithm_not_allowed'],
      [sign({}, { kid: 'unknown' }), 'key_unknown'],
      [forged, 'signature_invalid'],
      [sign({ exp: undefined }), 'claim_missing'],
      [sign({ exp: 'soon' }), 'claim_invalid'],
      [sign({ exp: now() - 31 }), 'token_expired'],
      [sign({ exp: now() - 20 }), 'accepted'],
      [sign({ nbf: now() + 60 }), 'token_not_yet_valid'],
      [sign({ aud: ['anybody'], sub: undefined }, { typ: 'anything' }), 'accepted'],
    ] as const)
      expect([jwt.slice(0, 9), await reasonOf(jwt)]).toEqual([jwt.slice(0, 9), reason]);
    expect(await reasonOf(sign(), { algorithms: ['RS256'] })).toBe('algorithm_not_allowed');
  });

  it('says when to ask again while the issuer is down, and keeps the keys it has', async () => {
    const verifier = createJwtVerifier({ issuer });
    authority.goDown();
    const judged = await verifier.verify(sign());
    expect(judged).toMatchObject({ accepted: false, reason: 'issuer_unavailable' });
    expect(judged.accepted ? 0 : judged.retryAfterSeconds).toBeGreaterThan(0);
    authority.comeBack();
    const other = createJwtVerifier({ issuer });
    expect(await other.verify(sign())).toMatchObject({ accepted: true });
    authority.goDown();
    expect(await other.verify(sign())).toMatchObject({ accepted: true });
    authority.comeBack();
  });

  it('refuses wrong options', () => {
    for (const [options, word] of [
      [{ issuer: 'a name' }, 'issuer'],
      [{ issuer: '', jwks: { keys: [] } }, 'issuer'],
      [{ issuer, jwks: {} }, 'jwks'],
      [{ issuer, jwks: { keys: [] }, jwksUri: 'https://x.example.com' }, 'exclude'],
      [{ issuer, jwksUri: 'http://x.example.com' }, 'jwksUri'],
      [{ issuer, algorithms: ['HS256'] }, 'algorithms'],
      [{ issuer, audience: 'x' }, 'audience'],
    ] as const)
      expect(() => createJwtVerifier(options as never)).toThrow(word);
  });
});

describe('decodeJwt', () => {
  it('takes a JWT apart and verifies nothing, in strict form', () => {
    expect(decodeJwt(sign({ a: 1 }))).toMatchObject({ accepted: true, claims: { a: 1 } });
    expect(decodeJwt(`${sign()}=`)).toMatchObject({ accepted: false, reason: 'token_malformed' });
  });
});
