import { constants, createHmac, sign, type KeyObject } from 'node:crypto';
import type { NameAlgorithm, ReformSignature } from './token-spec.ts';
import type { Signer } from './published-keys.ts';

// Group orders: SEC 2 for the NIST curves, RFC 8032 §5.1 for Ed25519.
const ORDERS: Readonly<Record<string, bigint>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  EdDSA: 2n ** 252n + 27742317777372353535851937790883648493n,
};

/** Signs as an algorithm's name says, where the key is of its type; as the key's own algorithm otherwise. */
export function signWith(
  { algorithm: own, privateKey, publicKey }: Signer,
  input: string,
  choice: NameAlgorithm | undefined,
): Buffer {
  const bytes = Buffer.from(input);
  if (choice?.sign === 'not-at-all') return Buffer.alloc(0);
  if (choice?.sign === 'hmac-with-nothing') return createHmac('sha256', '').update(bytes).digest();
  if (choice?.sign === 'hmac-with-public-key') {
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    return createHmac('sha256', pem).update(bytes).digest();
  }
  const named = choice?.sign === 'as-named' ? choice.name : own;
  return compute(familyOf(named) === familyOf(own) ? named : own, privateKey, bytes);
}

function familyOf(algorithm: string): string | undefined {
  if (/^[RP]S(?:256|384|512)$/.test(algorithm)) return 'RSA';
  return algorithm === 'Ed25519' ? 'EdDSA' : algorithm;
}

function compute(algorithm: string, key: KeyObject, input: Buffer): Buffer {
  const digest = `sha${algorithm.slice(2)}`;
  if (familyOf(algorithm) === 'EdDSA') return sign(null, input, key);
  if (algorithm.startsWith('ES')) return sign(digest, input, { key, dsaEncoding: 'ieee-p1363' });
  if (algorithm.startsWith('RS')) return sign(digest, input, key);
  return sign(digest, input, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}

/** Brings a signature into another form. Forms that need two numbers leave RSA signatures as they are. */
export function reform(signature: Buffer, form: ReformSignature['form'], algorithm: string): Buffer {
  if (form === 'truncated') return signature.subarray(0, -1);
  if (form === 'extended') return Buffer.concat([signature, Buffer.alloc(1)]);
  if (form === 'zero') return Buffer.alloc(signature.length);
  const changed = Buffer.from(signature);
  if (form === 'bit-flipped') {
    changed[0] = (changed[0] ?? 0) ^ 1;
    return changed;
  }
  const order = ORDERS[algorithm];
  if (order === undefined || form === 'of-other-input') return signature;
  const size = signature.length / 2;
  const [r, s] = [signature.subarray(0, size), signature.subarray(size)];
  if (form === 'der') return Buffer.concat([Buffer.from([0x30, 2 * size + 4]), derInteger(r), derInteger(s)]);
  const little = algorithm === 'EdDSA';
  const write = (value: bigint): Buffer => writeNumber(BigInt.asUintN(size * 8, value), size, little);
  switch (form) {
    case 'r-zero':
      return Buffer.concat([write(0n), s]);
    case 's-zero':
      return Buffer.concat([r, write(0n)]);
    case 'r-is-order':
      return Buffer.concat([write(order), s]);
    case 's-is-order':
      return Buffer.concat([r, write(order)]);
    case 's-plus-order':
      return Buffer.concat([r, write(readNumber(s, little) + order)]);
    case 's-negated':
      return Buffer.concat([r, write(order - readNumber(s, little))]);
    default:
      return form satisfies never;
  }
}

/** A number as its bytes say, the first byte the lowest one where `little`. */
export function readNumber(bytes: Buffer, little: boolean): bigint {
  return BigInt(`0x${Buffer.from(little ? bytes.toReversed() : bytes).toString('hex')}`);
}

/** The inverse of {@link readNumber}. */
export function writeNumber(value: bigint, size: number, little: boolean): Buffer {
  const bytes = Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');
  return little ? Buffer.from(bytes.toReversed()) : bytes;
}

function derInteger(value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([2, value.length]), value]);
}
