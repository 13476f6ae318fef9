import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { compactVerify, decodeProtectedHeader, type JWK } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

import { SIGNATURE_INVALID, type EngineError } from './refusal.ts';

/**
 * Makes every assertion that a stranger can have refused cost one verification, so that the time of an answer
 * does not tell a client that has a key from one that has a secret or does not exist.
 *
 * The engine verifies only when the client has a key of the algorithm named in the header. Where it did not,
 * a key that nobody has the private part of takes the place of the client's; of RSA, where long keys take
 * longer, one as long as the signature. What remains is that a client's RSA key refuses a signature of another
 * length than its own a little sooner than the stand-in does.
 */
export function installStandInVerification(provider: Provider): void {
  const verify = createStandInVerification();
  const unverified = new WeakSet<KoaContextWithOIDC>();
  provider.on('grant.error', (ctx, error: EngineError) => {
    if (error.message === 'invalid_client' && error.error_detail !== SIGNATURE_INVALID) unverified.add(ctx);
  });
  provider.use(async (ctx, next) => {
    await next();
    const context = ctx as KoaContextWithOIDC;
    if (unverified.has(context)) await verify(context.oidc.params?.['client_assertion']);
  });
}

/** Makes the function that verifies an assertion with a key that made none. */
export function createStandInVerification(): (assertion: unknown) => Promise<void> {
  const curves = createCurveKeys();
  const rsa = createRsaKeys();
  return async (assertion) => {
    if (typeof assertion !== 'string') return;
    try {
      const { alg = '' } = decodeProtectedHeader(assertion);
      const key = RSA.test(alg) ? rsa(signatureBytes(assertion)) : curves.get(alg);
      if (key !== undefined) await compactVerify(assertion, key);
    } catch {
      // Nothing verifies with these keys.
    }
  };
}

const RSA = /^[RP]S(256|384|512)$/;
const SHORTEST_RSA_BYTES = 2048 / 8;
const LONGEST_RSA_BYTES = 8192 / 8;

function signatureBytes(assertion: string): number {
  return Buffer.byteLength(assertion.slice(assertion.lastIndexOf('.') + 1), 'base64url');
}

/** Public keys by algorithm. */
function createCurveKeys(): ReadonlyMap<string, JWK> {
  const curve = (namedCurve: string): JWK =>
    generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
  const ed25519: JWK = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return new Map<string, JWK>([
    ['ES256', curve('P-256')],
    ['ES384', curve('P-384')],
    ['ES512', curve('P-521')],
    ['EdDSA', ed25519],
    ['Ed25519', ed25519],
  ]);
}

/** Makes the function that finds an RSA key by the length of what it would sign; the shortest for any other. */
function createRsaKeys(): (bytes: number) => JWK {
  const keys = new Map<number, JWK>();
  return (bytes) => {
    const length = bytes >= SHORTEST_RSA_BYTES && bytes <= LONGEST_RSA_BYTES ? bytes : SHORTEST_RSA_BYTES;
    const key = keys.get(length) ?? createModulus(length);
    keys.set(length, key);
    return key;
  };
}

/** An RSA public key in form alone, at no cost: its modulus is a random odd number. */
function createModulus(bytes: number): JWK {
  const modulus = randomBytes(bytes);
  modulus.writeUInt8(modulus.readUInt8(0) | 0x80, 0);
  modulus.writeUInt8(modulus.readUInt8(bytes - 1) | 1, bytes - 1);
  return { kty: 'RSA', n: modulus.toString('base64url'), e: 'AQAB' };
}
