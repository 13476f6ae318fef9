import { importJWK, type CryptoKey, type JWK } from 'jose';
import { decodeBase64url } from './base64url.ts';
import { isRocaModulus } from './roca-modulus.ts';
import { algorithmsOfKey, type SignatureAlgorithm } from './signature-algorithms.ts';

/** A public key of an issuer, ready to verify. */
export interface VerificationKey {
  readonly keyId: string | undefined;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly cryptoKey: CryptoKey;
  /** Equal for the same key material, whatever document it came in. */
  readonly material: string;
}

const MIN_RSA_BYTES = 256;
const MAX_RSA_BYTES = 1024;
/** Members of private and symmetric keys (RFC 7518 §6, RFC 8037 §2). */
const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const COORDINATE_BYTES: Readonly<Record<string, number>> = {
  'P-256': 32,
  'P-384': 48,
  'P-521': 66,
  Ed25519: 32,
};

/**
 * Turns one entry of a key set into a key, or into nothing when it must not verify access tokens: other
 * uses, symmetric or weak keys, keys for algorithms outside the allow-list, malformed entries, and keys whose
 * private half is published beside them, with which anybody can sign.
 *
 * Never throws, so that one odd entry cannot spoil the others.
 *
 * @param entry - a member of `keys`
 * @param allowed - the issuer's allow-list
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 | RFC 7517 §5},
 *   {@link https://www.rfc-editor.org/rfc/rfc7518#section-6 | RFC 7518 §6}
 */
export async function importVerificationKey(
  entry: unknown,
  allowed: readonly SignatureAlgorithm[],
): Promise<VerificationKey | undefined> {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
  const jwk = entry as Readonly<Record<string, unknown>>;
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined;
  if (jwk.key_ops !== undefined && !allowVerification(jwk.key_ops)) return undefined;
  if (SECRET_MEMBERS.some((member) => jwk[member] !== undefined)) return undefined;
  if (jwk.kid !== undefined && typeof jwk.kid !== 'string') return undefined;
  const algorithms = algorithmsOfKey(jwk, allowed);
  const [algorithm] = algorithms;
  if (algorithm === undefined) return undefined;
  const members = publicMembers(jwk);
  if (members === undefined) return undefined;
  try {
    const cryptoKey = (await importJWK(members, algorithm)) as CryptoKey;
    return { keyId: jwk.kid, algorithms, cryptoKey, material: JSON.stringify(members) };
  } catch {
    return undefined;
  }
}

function allowVerification(operations: unknown): boolean {
  // Duplicates must not be there (RFC 7517 §4.3).
  return (
    Array.isArray(operations) &&
    operations.includes('verify') &&
    new Set(operations).size === operations.length
  );
}

function publicMembers({ kty, crv, x, y, n, e }: Readonly<Record<string, unknown>>): JWK | undefined {
  if (kty === 'RSA' && typeof n === 'string' && typeof e === 'string') {
    return hasSafeModulus(n) && isSafeExponent(e) ? { kty, n, e } : undefined;
  }
  if (kty === 'EC' && typeof crv === 'string' && typeof x === 'string' && typeof y === 'string') {
    return isCoordinate(x, crv) && isCoordinate(y, crv) ? { kty, crv, x, y } : undefined;
  }
  if (kty === 'OKP' && typeof crv === 'string' && typeof x === 'string') {
    return isCoordinate(x, crv) ? { kty, crv, x } : undefined;
  }
  return undefined;
}

/** Whether a coordinate has the full size of the curve: shorter and longer ones are read differently elsewhere. */
function isCoordinate(encoded: string, curve: string): boolean {
  return decodeBase64url(encoded)?.length === COORDINATE_BYTES[curve];
}

function hasSafeModulus(encoded: string): boolean {
  const modulus = decodeBase64url(encoded);
  if (modulus === undefined || modulus.length > MAX_RSA_BYTES + 1) return false;
  if (((modulus.at(-1) ?? 0) & 1) === 0) return false;
  let first = 0;
  while (modulus[first] === 0) first++;
  const length = modulus.length - first;
  if (isRocaModulus(modulus)) return false;
  // 2048 bits at least: shorter moduli, and 256 bytes whose top bit is clear, are weak (RFC 7518 §3.3).
  return length > MIN_RSA_BYTES || (length === MIN_RSA_BYTES && (modulus[first] ?? 0) >= 0x80);
}

function isSafeExponent(encoded: string): boolean {
  const exponent = decodeBase64url(encoded);
  if (exponent === undefined || exponent.length === 0 || exponent.length > 8) return false;
  const value = exponent.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return value >= 3n && (value & 1n) === 1n;
}
