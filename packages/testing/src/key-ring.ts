import type { JSONWebKeySet } from 'jose';
import { createSigningKey, type SigningAlgorithm, type SigningKey } from './signing-key.ts';

/** The keys of an authority: the one that signs, and those the JWKS shows. */
export interface KeyRing {
  readonly signingKey: SigningKey;
  /** The public halves of every key that has not been withdrawn. */
  readonly keySet: JSONWebKeySet;
  /** What the JWKS endpoint answers: {@link KeyRing.keySet}, or whatever {@link KeyRing.publish} was given. */
  readonly published: unknown;
  /** The newest published key for an algorithm, the signing key first. */
  find(algorithm: SigningAlgorithm): SigningKey | undefined;
  add(algorithm: SigningAlgorithm): Promise<SigningKey>;
  rotate(): Promise<SigningKey>;
  rotateHard(): Promise<SigningKey>;
  publish(jwks: unknown): void;
}

/**
 * Creates a key ring with one key that signs and is published.
 *
 * @param algorithm - of the first key and of every key that replaces it
 */
export async function createKeyRing(algorithm: SigningAlgorithm): Promise<KeyRing> {
  let signingKey = await createSigningKey(algorithm);
  let keys: SigningKey[] = [signingKey];
  let override: { jwks: unknown } | undefined;
  const describeKeys = (): JSONWebKeySet => ({ keys: keys.map((key) => key.publicJwk) });
  return {
    get signingKey() {
      return signingKey;
    },
    get keySet() {
      return describeKeys();
    },
    get published() {
      return override === undefined ? describeKeys() : override.jwks;
    },
    find(wanted) {
      return signingKey.algorithm === wanted ? signingKey : keys.find((key) => key.algorithm === wanted);
    },
    async add(wanted) {
      const key = await createSigningKey(wanted);
      keys = [...keys, key];
      return key;
    },
    async rotate() {
      const key = await createSigningKey(algorithm);
      signingKey = key;
      keys = [key, ...keys];
      override = undefined;
      return key;
    },
    async rotateHard() {
      const key = await createSigningKey(algorithm);
      signingKey = key;
      keys = [key];
      override = undefined;
      return key;
    },
    publish(jwks) {
      override = jwks === undefined ? undefined : { jwks };
    },
  };
}
