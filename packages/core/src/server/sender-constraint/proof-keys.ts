import { calculateJwkThumbprint, type CryptoKey } from 'jose';
import { SIGNATURE_ALGORITHMS } from '../signature-algorithms.ts';
import { importVerificationKey } from '../verification-key.ts';

/** A public key that came with a proof. */
export interface ProofKey {
  readonly material: string;
  readonly thumbprint: string;
  readonly cryptoKey: CryptoKey;
}

/** Imports the keys that proofs carry. */
export interface ProofKeys {
  /** `undefined` for what must not verify a proof: private, symmetric, weak, of another algorithm. */
  readonly find: (jwk: unknown, algorithm: string) => Promise<ProofKey | undefined>;
  /** Keeps a key whose proof was good, so that it is imported once. */
  readonly remember: (key: ProofKey) => void;
}

const MAX_KEYS = 10_000;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Creates the importer of proof keys. Keys are remembered only once a proof was good, so that random ones
 * cannot push others out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 | RFC 9449 §4.2}
 */
export function createProofKeys(): ProofKeys {
  let young = new Map<string, ProofKey>();
  let old = new Map<string, ProofKey>();

  const remember = (key: ProofKey): void => {
    if (young.has(key.material)) return;
    if (young.size >= MAX_KEYS / 2) {
      old = young;
      young = new Map();
    }
    young.set(key.material, key);
  };

  return {
    find: async (jwk, algorithm) => {
      if (typeof jwk !== 'object' || jwk === null || PRIVATE_MEMBERS.some((member) => member in jwk))
        return undefined;
      const material = `${algorithm} ${JSON.stringify(jwk)}`;
      const known = young.get(material) ?? old.get(material);
      if (known !== undefined) return known;
      const allowed = SIGNATURE_ALGORITHMS.filter((one) => one === algorithm);
      // What a proof says of its key beyond the material is no issuer's word.
      const { kty, crv, x, y, n, e } = jwk as Readonly<Record<string, unknown>>;
      const imported = await importVerificationKey({ kty, crv, x, y, n, e, alg: algorithm }, allowed);
      if (imported === undefined) return undefined;
      const { material: members, cryptoKey } = imported;
      const thumbprint = await calculateJwkThumbprint(
        JSON.parse(members) as Parameters<typeof calculateJwkThumbprint>[0],
      );
      return { material, thumbprint, cryptoKey };
    },
    remember,
  };
}
