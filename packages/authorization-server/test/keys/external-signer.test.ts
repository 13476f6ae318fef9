import { generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ExternalSigner, PublicJwk } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../databases.ts';
import { startServer, type RunningServer, type RunningServerOptions } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { registerClient } from '../withdrawal/tokens-of-clients.ts';

const PAIRS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

function signBytes(algorithm: ExternalSigner['algorithm'], key: KeyObject, data: Uint8Array): Uint8Array {
  return signWith(algorithm === 'EdDSA' ? null : 'sha256', data, { key, dsaEncoding: 'ieee-p1363' });
}

/** A key management service in the small: only this closure has the private key. */
function createSigner(keyId: string, algorithm: ExternalSigner['algorithm'] = 'ES256') {
  const { publicKey, privateKey } = PAIRS[algorithm]();
  let signatures = 0;
  const signer: ExternalSigner = {
    keyId,
    algorithm,
    publicJwk: publicKey.export({ format: 'jwk' }) as PublicJwk,
    sign: async (data) => {
      signatures++;
      return signBytes(algorithm, privateKey, data);
    },
  };
  return { signer, count: () => signatures };
}

let now: number;
let database: TestDatabase;
let running: RunningServer;
beforeEach(async () => {
  now = Date.now();
  const own = await createTestDatabase();
  database = own.location === ':memory:' ? { ...own, location: `${createTemporaryFolder()}/auth.db` } : own;
});
afterEach(async () => {
  await running.stop();
  await database.remove();
});

async function start(options: RunningServerOptions): Promise<RunningServer> {
  return (running = await startServer({ database: database.location, now: () => now, ...options }));
}

async function verify(token: string): Promise<string | undefined> {
  const keys = createRemoteJWKSet(new URL(`${running.issuer}/jwks`));
  const { protectedHeader } = await jwtVerify(token, keys, { typ: 'at+jwt', currentDate: new Date(now) });
  return protectedHeader.kid;
}

describe('an external signer', () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'signs tokens and status lists with %s',
    async (algorithm) => {
      const { signer, count } = createSigner('kms-1', algorithm);
      await start({ signer });
      const before = count();
      const token = await (await registerClient(running)).token();
      expect(count()).toBe(before + 1);
      expect(await verify(token)).toBe('kms-1');
      const list = await (await fetch(`${running.issuer}/status/1`)).text();
      expect(decodeProtectedHeader(list)).toEqual({ alg: algorithm, typ: 'statuslist+jwt', kid: 'kms-1' });
      expect(await running.server.signingKeys.list()).toEqual([
        expect.objectContaining({ keyId: 'kms-1', algorithm, state: 'current', heldBy: 'external_signer' }),
      ]);
      const { keys } = (await (await fetch(`${running.issuer}/jwks`)).json()) as { keys: object[] };
      expect(keys).toEqual([{ ...signer.publicJwk, kid: 'kms-1', alg: algorithm, use: 'sig' }]);
    },
  );

  it('follows a key of the server’s own, and another signer follows it, without one token refused', async () => {
    await start({});
    const client = await registerClient(running);
    const own = await verify(await client.token());
    const token = async () =>
      await verify(await registerClient(running).then(async (other) => await other.token()));

    await running.stop();
    const [first, second] = [createSigner('kms-1').signer, createSigner('kms-2').signer];
    await start({ signer: first });
    expect(await token()).toBe(own);
    now += 351_000;
    expect(await token()).toBe('kms-1');

    await running.stop();
    await start({ signer: [second, first] });
    expect(await token()).toBe('kms-1');
    now += 351_000;
    expect(await token()).toBe('kms-2');
    const states = (await running.server.signingKeys.list()).map(({ keyId, state }) => [keyId, state]);
    expect(states).toEqual([
      ['kms-2', 'current'],
      ['kms-1', 'previous'],
      [own, 'previous'],
    ]);

    // Back to the one before, which is published still.
    await running.stop();
    await start({ signer: [first, second] });
    expect(await token()).toBe('kms-1');

    // And back to keys of the server's own.
    await running.server.signingKeys.rotate({ algorithm: 'ES256' });
    now += 351_000;
    expect(await token()).not.toMatch(/^kms/);
    await running.stop();
    await start({});
    expect(await token()).not.toMatch(/^kms/);
  });

  it('has to be there while its key is the current one', async () => {
    const { signer } = createSigner('kms-1');
    await start({ signer });
    await running.stop();
    await expect(start({})).rejects.toMatchObject({ code: 'signer_missing' });
    await expect(start({ signer: createSigner('kms-2').signer })).rejects.toMatchObject({
      code: 'signer_missing',
    });
    await expect(start({ signer: createSigner('kms-1').signer })).rejects.toThrow('that of another key');
    await start({ signer });
    expect((await running.server.signingKeys.list()).map(({ keyId }) => keyId)).toEqual(['kms-1']);
  });

  it('is not rotated or retired here', async () => {
    await start({ signer: createSigner('kms-1').signer });
    const { signingKeys } = running.server;
    await expect(signingKeys.rotate()).rejects.toMatchObject({ code: 'signing_key_external' });
    await expect(signingKeys.retire('kms-1')).rejects.toMatchObject({ code: 'signing_key_external' });
    now += 60 * 86_400_000;
    expect(await verify(await (await registerClient(running)).token())).toBe('kms-1');
  });

  it('that fails is 500 for that request alone, and what it says stays here', async () => {
    const { signer } = createSigner('kms-1');
    let broken = false;
    await start({
      signer: {
        ...signer,
        sign: async (data) => {
          if (broken) throw new Error('kms: access denied for arn:secret');
          return await signer.sign(data);
        },
      },
    });
    const client = await registerClient(running);
    broken = true;
    await expect(client.token()).rejects.toThrow(/^no token: \{"error":"server_error"(?!.*arn:secret)/);
    broken = false;
    expect(await verify(await client.token())).toBe('kms-1');
  });
});

describe('the option signer', () => {
  const { signer } = createSigner('kms-1');
  const other = createSigner('kms-2').signer;
  const rsa = createSigner('kms-3', 'RS256').signer;
  const { privateKey } = PAIRS.ES256();
  beforeEach(async () => void (await start({})));

  it.each([
    [[], 'at least one signer'],
    [null, 'signer'],
    [{ ...signer, keyId: '' }, 'signer.keyId must be'],
    [{ ...signer, algorithm: 'HS256' }, 'signer.algorithm must be one of ES256, EdDSA, RS256'],
    [{ ...signer, sign: undefined }, 'signer.sign must be a function'],
    [{ ...signer, secret: 'x' }, 'unknown option "secret"'],
    [{ ...signer, publicJwk: {} }, 'signer.publicJwk must be the public key for ES256'],
    [{ ...signer, publicJwk: rsa.publicJwk }, 'signer.publicJwk must be the public key for ES256'],
    [{ ...signer, publicJwk: privateKey.export({ format: 'jwk' }) }, 'without its private part'],
    [[signer, { ...other, keyId: 'kms-1' }], 'names a keyId twice'],
    [[signer, { ...other, keyId: 'a b' }], 'signer[1].keyId'],
    [{ ...signer, publicJwk: other.publicJwk }, 'does not verify with its publicJwk'],
    [{ ...signer, sign: (data: Uint8Array) => signWith('sha256', data, privateKey) }, 'not DER'],
    [{ ...signer, sign: () => 'text' }, 'does not verify'],
  ])('%# is refused with words', async (value, message) => {
    const starting = startServer({ signer: value as never });
    await expect(starting).rejects.toThrow(TypeError);
    await expect(starting).rejects.toThrow(message);
    const shown = await starting.catch((error: unknown) => inspect(error));
    expect(shown).not.toContain(String(privateKey.export({ format: 'jwk' }).d));
  });

  it.each([
    [{ signingAlgorithm: 'PS256' }, 'signingAlgorithm must be one of'],
    [{ signingAlgorithm: 'ES256', signer }, 'signingAlgorithm has no effect with signer'],
    [{ signingKeyRotationSeconds: 60 }, 'signingKeyRotationSeconds must be a whole number from 3600'],
    [{ statusListLifetimeSeconds: 9.5 }, 'statusListLifetimeSeconds must be a whole number from 10'],
  ])('%j is refused', async (options, message) => {
    await expect(startServer(options as never)).rejects.toThrow(message);
  });
});
