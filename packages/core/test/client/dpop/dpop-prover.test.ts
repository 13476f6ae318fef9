import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { createTestAuthority } from '@mcp-m2m/testing';
import { decodeJwt, decodeProtectedHeader, EmbeddedJWK, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDpop, type DpopProver } from '../../../src/client/dpop/dpop-prover.ts';
import type { SigningAlgorithm } from '../../../src/client-authentication/signing-key.ts';
import { createResourceServer } from '../../../src/server/index.ts';

const URL_HERE = 'https://mcp.example.com/mcp';
const TOKEN = 'an.access.token';

const claimsOf = async (
  prover: DpopProver,
  request: Partial<Parameters<DpopProver['createProof']>[0]> = {},
) => decodeJwt(await prover.createProof({ method: 'POST', url: URL_HERE, ...request }));

const nonceHeaders = (nonce: string): Headers => new Headers({ 'dpop-nonce': nonce });

describe('createProof', () => {
  it.each<SigningAlgorithm>(['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'PS512', 'EdDSA', 'Ed25519'])(
    'D8, D9, D10: makes a proof of the right type that its own key verifies, by %s',
    async (algorithm) => {
      const proof = await createDpop({ algorithm }).createProof({ method: 'POST', url: URL_HERE });
      const { protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
        algorithms: [algorithm],
        typ: 'dpop+jwt',
      });
      expect(Object.keys(protectedHeader)).toEqual(['typ', 'alg', 'jwk']);
      expect(protectedHeader).toMatchObject({ typ: 'dpop+jwt', alg: algorithm });
    },
  );

  it('D4–D7, D13, D14, D18: says method, URL and time, and nothing that it was not given', async () => {
    const prover = createDpop({ now: () => 1_800_000_000_999 });
    expect(await claimsOf(prover, { method: 'patch', url: `${URL_HERE}/?q=1&r=%23#part` })).toEqual({
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      htm: 'patch',
      htu: `${URL_HERE}/`,
      iat: 1_800_000_000,
    });
  });

  it('D19: carries the digest of the very token', async () => {
    const prover = createDpop();
    for (const accessToken of [TOKEN, 'another', TOKEN]) {
      const ath = createHash('sha256').update(accessToken).digest('base64url');
      expect(await claimsOf(prover, { accessToken })).toMatchObject({ ath });
    }
  });

  it('D23: never says the same twice, not even at once', async () => {
    const prover = createDpop({ now: () => 0 });
    const claims = await Promise.all(Array.from({ length: 200 }, () => claimsOf(prover)));
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(200);
  });

  it.each<SigningAlgorithm>(['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'])(
    'is accepted by the resource server for a token bound to the key, by %s, and for no other request',
    async (algorithm) => {
      const authority = await createTestAuthority({ audience: URL_HERE });
      onTestFinished(() => authority.close());
      const server = createResourceServer({
        resource: URL_HERE,
        authorizationServers: [authority.issuer],
        now: authority.now,
      });
      const prover = createDpop({ algorithm, now: authority.now });
      const accessToken = authority.mint({ cnf: { jkt: await prover.thumbprint() } });
      const authorization = `DPoP ${accessToken}`;
      const send = async (proven: { method?: string; url?: string; accessToken?: string }) => {
        const dpop = await prover.createProof({ method: 'POST', url: URL_HERE, accessToken, ...proven });
        const request = { method: 'POST', url: '/mcp', headers: { authorization, dpop } };
        const decision = await server.authenticate(request);
        return decision.ok;
      };
      expect(await send({})).toBe(true);
      expect(await send({ url: `${URL_HERE}?session=1` })).toBe(true);
      expect(await send({ method: 'GET' })).toBe(false);
      expect(await send({ url: `${URL_HERE}/` })).toBe(false);
      expect(await send({ accessToken: 'another' })).toBe(false);
    },
  );

  it.each([
    [{ method: 'PO ST' }, /^method must be/],
    [{ method: '' }, /^method must be/],
    [{ url: '/mcp' }, /^url must be an absolute http or https URL/],
    [{ url: 'data:text/plain,x' }, /^url must be/],
    [{ url: 'https://me:hunter2@mcp.example.com/' }, /^url must not contain a user name or password/],
    [{ accessToken: '' }, /^accessToken must be a non-empty string/],
    [{ nonce: 'two words' }, /^nonce must be 1 to 512/],
  ])('refuses %j', async (request, message) => {
    const failure = claimsOf(createDpop(), request);
    await expect(failure).rejects.toBeInstanceOf(TypeError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow('hunter2');
  });

  it('S3, S4: shows neither key nor token when the prover is printed', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    const prover = createDpop({ key: jwk });
    await claimsOf(prover, { accessToken: TOKEN });
    const shown = inspect(prover, { depth: 9, showHidden: true }) + JSON.stringify(prover);
    for (const secret of [TOKEN, jwk.d, jwk.x]) expect(shown).not.toContain(secret);
  });

  it.each([
    [{ clock: Date.now }, /unknown option "clock"/],
    [{ now: 1 }, /^now must be a function/],
  ])('refuses the options %j', (options, message) => {
    expect(() => createDpop(options as never)).toThrow(message);
  });
});

describe('the memory of nonces', () => {
  it('has one for each origin, whatever the path, and takes the latest', async () => {
    const prover = createDpop();
    expect(prover.noteResponse(URL_HERE, nonceHeaders('first'), 'resource_server')).toBe('first');
    prover.noteResponse('https://mcp.example.com:443/other', nonceHeaders('second'), 'resource_server');
    prover.noteResponse('https://mcp.example.com:8443/', nonceHeaders('elsewhere'), 'resource_server');
    expect(prover.nonceFor(`${URL_HERE}?q`, 'resource_server')).toBe('second');
    expect(await claimsOf(prover, { accessToken: TOKEN })).toMatchObject({ nonce: 'second' });
    expect(await claimsOf(prover, { accessToken: TOKEN, nonce: 'given' })).toMatchObject({ nonce: 'given' });
  });

  it('keeps the nonces of an authorization server and a resource server at one origin apart', async () => {
    const prover = createDpop();
    prover.noteResponse(URL_HERE, nonceHeaders('of-the-authorization-server'), 'authorization_server');
    expect((await claimsOf(prover, { accessToken: TOKEN })).nonce).toBeUndefined();
    prover.noteResponse(URL_HERE, nonceHeaders('of-the-resource-server'), 'resource_server');
    expect((await claimsOf(prover)).nonce).toBe('of-the-authorization-server');
    expect((await claimsOf(prover, { accessToken: TOKEN })).nonce).toBe('of-the-resource-server');
  });

  it.each([
    ['none', new Headers()],
    ['an empty one', nonceHeaders('')],
    ['one with a space', nonceHeaders('two words')],
    [
      'two',
      new Headers([
        ['dpop-nonce', 'a'],
        ['dpop-nonce', 'b'],
      ]),
    ],
    ['one with a quotation mark', nonceHeaders('a"b')],
    ['one with a backslash', nonceHeaders('a\\b')],
    ['one beyond ASCII', nonceHeaders('nöncé')],
    ['one of 513 characters', nonceHeaders('a'.repeat(513))],
  ])('D26: does not take %s from a response, and keeps what it has', (_, headers) => {
    const prover = createDpop();
    prover.noteResponse(URL_HERE, nonceHeaders('good'), 'resource_server');
    expect(prover.noteResponse(URL_HERE, headers, 'resource_server')).toBeUndefined();
    expect(prover.nonceFor(URL_HERE, 'resource_server')).toBe('good');
  });

  it('takes one of 512 characters, and every character of the grammar', () => {
    const prover = createDpop();
    const all = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('');
    for (const nonce of ['a'.repeat(512), all.replace('"', '').replace('\\', '')]) {
      expect(prover.noteResponse(URL_HERE, nonceHeaders(nonce), 'resource_server')).toBe(nonce);
    }
  });

  it('keeps the thousand that were used last', () => {
    const prover = createDpop();
    const origin = (index: number): string => `https://${index}.example`;
    for (let index = 0; index < 1000; index++) {
      prover.noteResponse(origin(index), nonceHeaders(`n${index}`), 'resource_server');
    }
    expect(prover.nonceFor(origin(0), 'resource_server')).toBe('n0');
    prover.noteResponse(origin(1000), nonceHeaders('n1000'), 'resource_server');
    expect(prover.nonceFor(origin(0), 'resource_server')).toBe('n0');
    expect(prover.nonceFor(origin(1), 'resource_server')).toBeUndefined();
    expect(prover.nonceFor(origin(2), 'resource_server')).toBe('n2');
  });

  it('does not put a token into a proof in place of a nonce, nor the other way round', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const prover = createDpop({ key: { privateKey, publicKey } });
    prover.noteResponse(URL_HERE, nonceHeaders('n'), 'resource_server');
    const proof = await prover.createProof({ method: 'POST', url: URL_HERE, accessToken: TOKEN });
    expect(Object.keys(decodeJwt(proof))).toEqual(['jti', 'htm', 'htu', 'iat', 'ath', 'nonce']);
    expect(JSON.stringify([decodeJwt(proof), decodeProtectedHeader(proof)])).not.toContain(TOKEN);
  });
});
