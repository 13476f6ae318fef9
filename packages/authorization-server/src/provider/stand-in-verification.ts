import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { compactVerify, decodeProtectedHeader, type JWK } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

import { SIGNATURE_INVALID, type EngineError } from './refusal.ts';

/**
 * Makes every assertion that a stranger can have refused cost one verification, so that the time of an answer
 * does not tell a client that has a key from one that has a secret or does not exist.
 *
 * The engine verifies only when the client has a key of the algorithm named in the header. Where it did not,
 * a key that nobody has the private part of takes the place of the client's. Of RSA it has 2048 bits: clients
 * with longer keys remain to be told by the longer time that theirs take.
 */
export function installStandInVerification(provider: Provider): void {
  const keys = createStandInKeys();
  const unverified = new WeakSet<KoaContextWithOIDC>();
  provider.on('grant.error', (ctx, error: EngineError) => {
    if (error.message === 'invalid_client' && error.error_detail !== SIGNATURE_INVALID) unverified.add(ctx);
  });
  provider.use(async (ctx, next) => {
    await next();
    const context = ctx as KoaContextWithOIDC;
    if (unverified.has(context)) await verifyInVain(context.oidc.params?.['client_assertion'], keys);
  });
}

async function verifyInVain(assertion: unknown, keys: ReadonlyMap<string, JWK>): Promise<void> {
  if (typeof assertion !== 'string') return;
  try {
    const key = keys.get(decodeProtectedHeader(assertion).alg ?? '');
    if (key !== undefined) await compactVerify(assertion, key);
  } catch {
    // Nothing verifies with these keys.
  }
}

/** Public keys by algorithm. */
function createStandInKeys(): ReadonlyMap<string, JWK> {
  const curve = (namedCurve: string): JWK =>
    generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  const ed25519: JWK = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const keys = new Map<string, JWK>([
    ['ES256', curve('P-256')],
    ['ES384', curve('P-384')],
    ['ES512', curve('P-521')],
    ['EdDSA', ed25519],
    ['Ed25519', ed25519],
  ]);
  const rsa = createModulus();
  for (const family of ['RS', 'PS']) for (const bits of [256, 384, 512]) keys.set(`${family}${bits}`, rsa);
  return keys;
}

/** An RSA public key in form alone, at no cost: its modulus is a random odd number of 2048 bits. */
function createModulus(): JWK {
  const modulus = randomBytes(256);
  modulus.writeUInt8(modulus.readUInt8(0) | 0x80, 0);
  modulus.writeUInt8(modulus.readUInt8(255) | 1, 255);
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' };
}
