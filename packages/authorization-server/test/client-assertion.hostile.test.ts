/* oxlint-disable vitest/expect-expect -- expectRefused holds the assertions */
import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import type { PublicJwk } from '../src/index.ts';
import {
  claimsFor,
  generateSigningClient,
  registerWithKey,
  requestWithAssertion,
  seconds,
  signAssertion,
  type SigningClient,
} from './assertion.ts';
import { lastReason, MCP, registerWithSecret } from './running-server.ts';
import { startServerForFile } from './server-for-file.ts';

const running = await startServerForFile();
const client = await registerWithKey(running, 'signer');
const secret = await registerWithSecret(running, 'has-a-secret');

describe('a client assertion', () => {
  const sign = async (changes: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    await signAssertion(client.privateKey, claimsFor(client, running, changes), header);

  async function expectRefused(assertion: string, reason: string) {
    const answer = await requestWithAssertion(running, assertion);
    expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
    expect(answer.headers.get('www-authenticate')).toContain('Basic realm=');
    expect(lastReason(running)).toBe(reason);
    return String(answer.body['error_description']);
  }

  it.each([undefined, 'JWT', 'jwt', 'client-authentication+jwt', 'application/client-authentication+jwt'])(
    'with the issuer as its audience and typ %s gets a token',
    async (typ) => {
      const answer = await requestWithAssertion(running, await sign({}, typ === undefined ? {} : { typ }));
      expect(answer.status).toBe(200);
    },
  );

  it('with the issuer as the only member of an audience array gets a token', async () => {
    expect((await requestWithAssertion(running, await sign({ aud: [running.issuer] }))).status).toBe(200);
  });

  it('without iat gets a token', async () => {
    expect((await requestWithAssertion(running, await sign({ iat: undefined }))).status).toBe(200);
  });

  it('A15: is accepted once', async () => {
    const assertion = await sign();
    expect((await requestWithAssertion(running, assertion)).status).toBe(200);
    expect(await expectRefused(assertion, 'assertion_replayed')).toContain('used before');
  });

  it('A15: is accepted once even when the first use was refused for its scope', async () => {
    const assertion = await sign();
    expect((await requestWithAssertion(running, assertion, { scope: 'root' })).status).toBe(400);
    await expectRefused(assertion, 'assertion_replayed');
  });

  it('A15: fifty times in parallel gets exactly one token', async () => {
    const assertion = await sign();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => await requestWithAssertion(running, assertion)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  it('A15: with the same jti as another client’s is accepted', async () => {
    const other = await registerWithKey(running, 'signer-2');
    const jti = 'the same';
    for (const each of [client, other]) {
      const assertion = await signAssertion(each.privateKey, claimsFor(each, running, { jti }));
      expect((await requestWithAssertion(running, assertion)).status).toBe(200);
    }
  });

  it('A17: with the token endpoint as its audience is told the issuer', async () => {
    for (const aud of [
      `${running.issuer}/token`,
      [`${running.issuer}/token`],
      [running.issuer, `${running.issuer}/token`],
    ]) {
      const description = await expectRefused(await sign({ aud }), 'assertion_audience_token_endpoint');
      expect(description).toContain(`'${running.issuer}'`);
    }
  });

  it('A17: with another audience beside the issuer is refused', async () => {
    for (const aud of [
      [running.issuer, 'https://evil.example.com'],
      ['https://evil.example.com', running.issuer],
      [running.issuer, running.issuer],
    ]) {
      await expectRefused(await sign({ aud }), 'assertion_audience_not_issuer');
    }
  });

  it.each([
    ['foreign', 'https://evil.example.com', 'assertion_audience_not_issuer'],
    ['empty', [], 'assertion_audience_not_issuer'],
    ['absent', undefined, 'assertion_claim_missing'],
    ['no text', { x: 1 }, 'assertion_audience_not_issuer'],
  ])('with an audience that is %s is refused', async (_name, aud, reason) => {
    await expectRefused(await sign({ aud }), reason);
  });

  it('with the issuer and a slash as its audience is refused', async () => {
    await expectRefused(await sign({ aud: `${running.issuer}/` }), 'assertion_audience_not_issuer');
  });

  it('A19: that expired is refused, and the client told to look at its clock', async () => {
    const now = seconds();
    const description = await expectRefused(
      await sign({ iat: now - 120, exp: now - 60 }),
      'assertion_expired',
    );
    expect(description).toContain('clock');
  });

  it.each([
    ['exp', 'assertion_claim_missing'],
    ['jti', 'assertion_claim_missing'],
    ['iss', 'assertion_claim_missing'],
    ['sub', 'assertion_claim_missing'],
  ])('A20: without %s is refused', async (claim, reason) => {
    await expectRefused(await sign({ [claim]: undefined }), reason);
  });

  it('A20: that lives longer than five minutes is refused', async () => {
    const now = seconds();
    for (const changes of [
      { exp: now + 3600 },
      { exp: now + 3600, iat: undefined },
      { exp: now + 200, iat: now - 3600 },
    ]) {
      const description = await expectRefused(await sign(changes), 'assertion_lifetime_too_long');
      expect(description).toContain('300 seconds');
    }
  });

  it('A20: with an infinite exp is refused', async () => {
    const { privateKey } = client;
    const claims = JSON.stringify(claimsFor(client, running)).replace(/"exp":\d+/, '"exp":1e400');
    const assertion = await signText(privateKey, claims);
    await expectRefused(assertion, 'assertion_claim_missing');
  });

  it('A22: issued an hour in the future is refused', async () => {
    const now = seconds();
    await expectRefused(await sign({ iat: now + 3600, exp: now + 3660 }), 'assertion_issued_in_future');
    await expectRefused(await sign({ nbf: now + 3600 }), 'assertion_not_yet_valid');
  });

  it('with times that are no numbers is refused', async () => {
    await expectRefused(await sign({ exp: String(seconds() + 60) }), 'assertion_malformed');
    await expectRefused(await sign({ iat: 'now' }), 'assertion_malformed');
  });

  it('A23: whose issuer is not its subject is refused', async () => {
    await expectRefused(await sign({ iss: 'somebody' }), 'assertion_issuer_not_client');
    await expectRefused(await sign({ sub: 'has-a-secret' }), 'assertion_issuer_not_client');
    await expectRefused(await sign({ sub: 'unknown', iss: 'unknown' }), 'client_unknown');
  });

  it('A24: signed with another key is refused', async () => {
    const stranger = generateSigningClient('signer');
    await expectRefused(
      await signAssertion(stranger.privateKey, claimsFor(client, running)),
      'assertion_signature_invalid',
    );
  });

  it('A24: that names an unregistered key id is refused', async () => {
    await expectRefused(await sign({}, { kid: 'other' }), 'assertion_key_unknown');
  });

  it('that names the registered key id gets a token', async () => {
    const registered = await running.server.clients.get('signer');
    const { authentication } = registered ?? {};
    const kid =
      authentication?.method === 'private_key_jwt' ? authentication.keys[0]?.publicKey.kid : undefined;
    expect(kid).toMatch(/^[\w-]{43}$/);
    expect((await requestWithAssertion(running, await sign({}, { kid }))).status).toBe(200);
  });

  it('A25, A27: by HMAC with the public key as the secret is refused', async () => {
    const publicKey = createPublicKey(client.privateKey);
    for (const text of [
      publicKey.export({ format: 'pem', type: 'spki' }),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]) {
      const key = createSecretKey(Buffer.from(text));
      await expectRefused(
        await signAssertion(key, claimsFor(client, running), { alg: 'HS256' }),
        'assertion_algorithm_not_allowed',
      );
    }
  });

  it('A26: of a client that has a secret is refused, by key and by HMAC with its secret', async () => {
    const claims = () => claimsFor({ clientId: 'has-a-secret' }, running);
    await expectRefused(
      await signAssertion(client.privateKey, claims()),
      'authentication_method_not_registered',
    );
    await expectRefused(
      await signAssertion(createSecretKey(Buffer.from(secret)), claims(), { alg: 'HS256' }),
      'authentication_method_not_registered',
    );
  });

  it('A28: without a signature is refused', async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const payload = encode(claimsFor(client, running));
    for (const alg of ['none', 'None', 'NONE']) {
      await expectRefused(`${encode({ alg })}.${payload}.`, 'assertion_algorithm_not_allowed');
    }
    const [header, body] = (await sign()).split('.');
    await expectRefused(`${header}.${body}.`, 'assertion_signature_invalid');
  });

  it.each(['at+jwt', 'oauth-id-jag+jwt', 'dpop+jwt', 'secevent+jwt', ''])(
    'A30: of typ "%s" is refused',
    async (typ) => {
      const description = await expectRefused(await sign({}, { typ }), 'assertion_type_not_allowed');
      expect(description).toContain('client-authentication+jwt');
    },
  );

  it('with critical header parameters is refused', async () => {
    const [, payload, signature] = (await sign()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'ES256', crit: ['x'], x: 1 })).toString('base64url');
    await expectRefused(`${header}.${payload}.${signature}`, 'assertion_signature_invalid');
    await expectRefused(await sign({}, { b64: true, crit: ['b64'] }), 'assertion_header_not_allowed');
  });

  it.each([
    ['no JWT', 'x', 400],
    ['two parts', 'a.b', 400],
    ['five parts', 'a.b.c.d.e', 400],
    ['payload no object', `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.W10.x`, 400],
  ])('that is malformed (%s) is refused', async (_name, assertion, status) => {
    const answer = await requestWithAssertion(running, assertion);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('access_token');
  });

  it('without the right client_assertion_type is refused as malformed', async () => {
    const answer = await requestWithAssertion(running, await sign(), { client_assertion_type: 'jwt' });
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
  });

  it.each([
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['PS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const)('signed by %s gets a token', async (alg, { privateKey, publicKey }) => {
    const clientId = `by-${alg.toLowerCase()}`;
    await running.server.clients.create({
      clientId,
      authentication: {
        method: 'private_key_jwt',
        publicKey: publicKey.export({ format: 'jwk' }) as PublicJwk,
      },
      access: [{ resource: MCP, scopes: ['deploy:read'] }],
    });
    const assertion = await signAssertion(privateKey, claimsFor({ clientId }, running), { alg });
    expect((await requestWithAssertion(running, assertion)).status).toBe(200);
  });
});

async function signText(key: SigningClient['privateKey'], text: string): Promise<string> {
  const { CompactSign } = await import('jose');
  return await new CompactSign(new TextEncoder().encode(text)).setProtectedHeader({ alg: 'ES256' }).sign(key);
}
