import { calculateJwkThumbprint, type CryptoKey } from 'jose';
import type { SignatureAlgorithm } from '../signature-algorithms.ts';
import { importVerificationKey } from '../verification-key.ts';

/** A public key that came with a proof. */
export interface ProofKey {
  /** Algorithm and public members: equal for the same key, whatever else its JWK says. */
  readonly material: string;
  readonly thumbprint: string;
  readonly cryptoKey: CryptoKey;
}

/** Imports the keys that proofs carry. */
export interface ProofKeys {
  /** `undefined` for what must not verify a proof: private, symmetric, weak, of another algorithm. */
  readonly find: (jwk: unknown, algorithm: SignatureAlgorithm) => Promise<ProofKey | undefined>;
  /** Keeps a key whose proof was good, so that it is imported once. */
  readonly remember: (key: ProofKey) => void;
}

const MAX_KEYS = 10_000;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/**
 * Creates the importer of proof keys. Keys are remembered only once a proof was good, and by their public
 * members alone, so that neither random ones nor one key in many dresses can push others out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.2 | RFC 9449 §4.2}
 */
export function createProofKeys(): ProofKeys {
  let young = new Map<string, ProofKey>();
  let old = new Map<string, ProofKey>();
  // Proofs with the same header share its parsed form, and so the key in it.
  const parsed = new WeakMap<object, { readonly algorithm: string; readonly key: ProofKey }>();

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
      const same = typeof jwk === 'object' && jwk !== null ? parsed.get(jwk) : undefined;
      if (same?.algorithm === algorithm) return same.key;
      const members = publicMembers(jwk);
      if (members === undefined) return undefined;
      const material = JSON.stringify([algorithm, members]);
      const known = young.get(material) ?? old.get(material);
      if (known !== undefined) {
        parsed.set(jwk as object, { algorithm, key: known });
        return known;
      }
      const imported = await importVerificationKey({ ...members, alg: algorithm }, [algorithm]);
      if (imported === undefined) return undefined;
      return {
        material,
        thumbprint: await calculateJwkThumbprint(members),
        cryptoKey: imported.cryptoKey,
      };
    },
    remember,
  };
}

/** What a proof says of its key beyond the material (`use`, `alg`, `kid`) is no issuer's word. */
function publicMembers(jwk: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof jwk !== 'object' || jwk === null || PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member)))
    return undefined;
  const { kty, crv, x, y, n, e } = jwk as Readonly<Record<string, unknown>>;
  if (kty === 'EC') return { kty, crv, x, y };
  if (kty === 'OKP') return { kty, crv, x };
  return kty === 'RSA' ? { kty, n, e } : undefined;
}
