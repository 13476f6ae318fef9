import { generateKeyPairSync } from 'node:crypto';

import { afterAll, describe, expect, it } from 'vitest';

import type { PublicJwk } from '../../src/index.ts';
import {
  claimsFor,
  generateSigningClient,
  registerWithKey,
  requestWithAssertion,
  signAssertion,
  type SigningClient,
} from '../assertion.ts';
import { lastReason, MCP, registerWithSecret, startServer } from '../running-server.ts';

const DAY = 86_400_000;
let ahead = 0;
const running = await startServer({ now: () => Date.now() + ahead });
afterAll(async () => await running.stop());
const { clients } = running.server;

async function statusOf(signer: SigningClient, header: Record<string, unknown> = {}): Promise<number> {
  const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running), header);
  return (await requestWithAssertion(running, assertion)).status;
}

describe('keys', () => {
  it('overlap: each of several signs, until it is removed', async () => {
    const first = await registerWithKey(running, 'overlapping');
    const second = generateSigningClient('overlapping');
    const added = await clients.keys.add('overlapping', {
      publicKey: { ...second.publicKey, kid: '2027-01' },
    });
    expect(added).toMatchObject({ state: 'active', publicKey: { kid: '2027-01' } });
    expect(running.events.at(-1)).toMatchObject({ type: 'client_key_added', keyId: added.id });
    expect([
      await statusOf(first),
      await statusOf(second),
      await statusOf(second, { kid: '2027-01' }),
    ]).toEqual([200, 200, 200]);
    const [firstKey] = await clients.keys.list('overlapping');
    await clients.keys.remove('overlapping', firstKey?.id as string);
    expect(running.events.at(-1)).toMatchObject({ type: 'client_key_removed', keyId: firstKey?.id });
    expect([await statusOf(first), await statusOf(second)]).toEqual([401, 200]);
    expect(await clients.keys.list('overlapping')).toHaveLength(1);
    await expect(clients.keys.remove('overlapping', 'unknown')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('may be of several kinds, as JWK and PEM', async () => {
    const signer = await registerWithKey(running, 'kinds');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ed25519 = generateKeyPairSync('ed25519');
    for (const { publicKey } of [rsa, ed25519]) {
      const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;
      await clients.keys.add('kinds', { publicKey: pem });
    }
    expect(await statusOf(signer)).toBe(200);
    const { clientId, publicKey } = signer;
    for (const [privateKey, alg] of [
      [rsa.privateKey, 'PS256'],
      [ed25519.privateKey, 'EdDSA'],
    ] as const) {
      expect(await statusOf({ clientId, publicKey, privateKey }, { alg })).toBe(200);
    }
  });

  it('A24: that expired refuse what they sign, with the true reason for the operator alone', async () => {
    const first = await registerWithKey(running, 'expiring-keys');
    const second = generateSigningClient('expiring-keys');
    const added = await clients.keys.add('expiring-keys', {
      publicKey: second.publicKey,
      expiresAt: new Date(Date.now() + DAY).toISOString(),
    });
    expect(await statusOf(second)).toBe(200);
    await clients.keys.update('expiring-keys', added.id, {
      expiresAt: new Date(Date.now() + 1000).toISOString(),
    });
    expect(running.events.at(-1)).toMatchObject({ type: 'client_key_updated', keyId: added.id });
    ahead = 2000;
    for (const header of [{}, { kid: added.publicKey.kid }]) {
      const assertion = await signAssertion(second.privateKey, claimsFor(second, running), header);
      const answer = await requestWithAssertion(running, assertion);
      expect([answer.status, answer.body]).toEqual([
        401,
        { error: 'invalid_client', error_description: 'client authentication failed' },
      ]);
      expect(lastReason(running)).toBe('key_expired');
    }
    expect(await statusOf(first)).toBe(200);
    const states = (await clients.keys.list('expiring-keys')).map(({ id, state }) => [
      id === added.id,
      state,
    ]);
    expect(states).toEqual(
      expect.arrayContaining([
        [true, 'expired'],
        [false, 'active'],
      ]),
    );
    await clients.keys.update('expiring-keys', added.id, { expiresAt: null });
    expect(await statusOf(second)).toBe(200);
    ahead = 0;
  });

  it('tell each its last use', async () => {
    const first = await registerWithKey(running, 'used-keys');
    const second = generateSigningClient('used-keys');
    const { id } = await clients.keys.add('used-keys', { publicKey: second.publicKey });
    expect((await clients.get('used-keys'))?.lastUsedAt).toBeUndefined();
    expect(await statusOf(second)).toBe(200);
    const used = (await clients.keys.list('used-keys')).filter(({ lastUsedAt }) => lastUsedAt !== undefined);
    expect(used.map((key) => key.id)).toEqual([id]);
    expect(await statusOf(first)).toBe(200);
    for (const key of await clients.keys.list('used-keys'))
      expect(key.lastUsedAt).toEqual(expect.any(String));
    expect((await clients.get('used-keys'))?.lastUsedAt).toEqual(expect.any(String));
  });

  it('are refused when they are private, twice the same, too many, or for a client with a secret', async () => {
    const signer = await registerWithKey(running, 'strict-keys');
    const add = async (publicKey: unknown) =>
      await clients.keys.add('strict-keys', { publicKey: publicKey as PublicJwk });
    await expect(add(signer.publicKey)).rejects.toThrow('of this key id already');
    await expect(add(signer.privateKey.export({ format: 'jwk' }))).rejects.toThrow('private or symmetric');
    await expect(add('-----BEGIN PRIVATE KEY-----')).rejects.toThrow('publicKey holds a private key');
    await expect(add(undefined)).rejects.toThrow('publicKey must be a public key');
    for (let i = 1; i < 10; i++) await add(generateSigningClient('x').publicKey);
    await expect(add(generateSigningClient('x').publicKey)).rejects.toMatchObject({
      code: 'too_many_credentials',
    });
    await registerWithSecret(running, 'no-keys');
    const { publicKey } = generateSigningClient('x');
    await expect(clients.keys.add('no-keys', { publicKey })).rejects.toMatchObject({
      code: 'authentication_method_mismatch',
    });
    await expect(clients.keys.list('nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      clients.create({
        authentication: { method: 'private_key_jwt' },
        access: [{ resource: MCP, scopes: [] }],
      }),
    ).rejects.toThrow('authentication.publicKey must be a public key');
  });
});
