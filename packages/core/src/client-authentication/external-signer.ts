import { base64url } from 'jose';
import { kindOf } from '../printable-text.ts';
import type { SignAssertion } from './client-assertion.ts';
import { ClientSecretError } from './client-secret.ts';
import { readEcdsaSignature } from './ecdsa-signature.ts';
import { MIN_MODULUS_BITS, type SigningAlgorithm } from './signing-key.ts';

/**
 * Signs with a key that is kept elsewhere, such as in a KMS or an HSM.
 *
 * It is given the bytes to sign, not their digest: where the service wants a digest, hash them with the hash of the
 * algorithm. An ECDSA signature may be returned as the two numbers one after the other or, as most services give
 * it, in DER. Of what it throws, only names and codes are shown.
 */
export type ExternalSigner = (
  signingInput: Uint8Array<ArrayBuffer>,
) => Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;

/**
 * Assembles a JWS around the answer of an external signer.
 *
 * Checks that the answer can be a signature by the algorithm, not that it is the right one: the public key is not
 * known here.
 *
 * @throws ClientSecretError for an answer that is no signature by the algorithm, or what the signer throws
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.1 | RFC 7515 §5.1}
 */
export function signExternally(sign: ExternalSigner, algorithm: SigningAlgorithm): SignAssertion {
  return async (header, claims) => {
    const [head, payload] = [header, claims].map((part) => base64url.encode(JSON.stringify(part)));
    const signingInput = `${head}.${payload}`;
    const answer: unknown = await sign(new TextEncoder().encode(signingInput));
    return `${signingInput}.${base64url.encode(readSignature(answer, algorithm))}`;
  };
}

/** Bytes of each of the two numbers of an ECDSA signature. */
const COORDINATE_BYTES: Readonly<Partial<Record<SigningAlgorithm, number>>> = {
  ES256: 32,
  ES384: 48,
  ES512: 66,
};
const EDDSA_BYTES = 64;
const MIN_RSA_BYTES = MIN_MODULUS_BITS / 8;
const MAX_RSA_BYTES = 2048;

function readSignature(answer: unknown, algorithm: SigningAlgorithm): Uint8Array {
  const bytes = answer instanceof ArrayBuffer ? new Uint8Array(answer) : answer;
  if (!(bytes instanceof Uint8Array)) {
    throw new ClientSecretError(
      `the function given as sign: it must return a Uint8Array with the signature, received ${kindOf(bytes)}.`,
    );
  }
  const fail = (expected: string): never => {
    throw new ClientSecretError(
      `the function given as sign: its answer cannot be a signature by ${algorithm}: expected ${expected}, received ${bytes.length} bytes.`,
    );
  };
  const coordinateBytes = COORDINATE_BYTES[algorithm];
  if (coordinateBytes !== undefined) {
    return (
      readEcdsaSignature(bytes, coordinateBytes) ??
      fail(
        `two positive numbers of ${coordinateBytes} bytes, one after the other or in DER, by a key on the curve of the algorithm`,
      )
    );
  }
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') {
    return bytes.length === EDDSA_BYTES ? bytes : fail(`${EDDSA_BYTES} bytes`);
  }
  return bytes.length >= MIN_RSA_BYTES && bytes.length <= MAX_RSA_BYTES
    ? bytes
    : fail(`as many bytes as the modulus has, ${MIN_RSA_BYTES} at least`);
}
