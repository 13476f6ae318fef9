import type { CryptoKey } from 'jose';
import { ClientSecretError } from './client-secret.ts';
import { digestOf, revisionOf } from './credential-revision.ts';
import {
  assertSigningAlgorithm,
  createSigningKey,
  isCryptoKey,
  type PrivateKey,
  type SigningAlgorithm,
  type SigningKey,
} from './signing-key.ts';

/** The private key that signs now. */
export interface CurrentKey {
  /**
   * @param noteRevision - told which one it is, where it can change
   * @throws ClientSecretError for what is no key for the algorithm, or what the function throws
   */
  read(noteRevision?: (revision: string) => void): Promise<SigningKey>;
  /** For a function alone: nothing else changes. */
  readonly revision?: () => Promise<string | undefined>;
}

/**
 * Takes a private key as it is, or a function that is asked at each use. What is imported is kept while the
 * function gives the same.
 *
 * @throws TypeError for a literal that cannot be used, naming the option and the mend
 */
export function createCurrentKey(
  source: PrivateKey | (() => PrivateKey | Promise<PrivateKey>),
  algorithm: SigningAlgorithm,
): CurrentKey {
  assertSigningAlgorithm(algorithm);
  if (typeof source !== 'function') {
    const key = createSigningKey(source, algorithm);
    return { read: () => Promise.resolve(key) };
  }
  let last: { readonly identity: string; readonly key: SigningKey } | undefined;
  return {
    async read(noteRevision) {
      const value = await source();
      const identity = identify(value);
      noteRevision?.(await digestOf(identity));
      if (last?.identity !== identity) last = { identity, key: judge(value, algorithm) };
      return last.key;
    },
    revision: () => revisionOf(async () => identify(await source())),
  };
}

function judge(value: PrivateKey, algorithm: SigningAlgorithm): SigningKey {
  try {
    return createSigningKey(value, algorithm);
  } catch (error) {
    throw new ClientSecretError(`the function given as key: ${(error as Error).message}`);
  }
}

const objects = new WeakMap<CryptoKey, string>();

/** Equal for what is the same key. The material of a `CryptoKey` may be out of reach: each is another key. */
function identify(key: PrivateKey): string {
  if (typeof key !== 'object' || key === null || !isCryptoKey(key)) {
    return typeof key === 'string' ? key : `${typeof key} ${JSON.stringify(key)}`;
  }
  const identity = objects.get(key) ?? crypto.randomUUID();
  objects.set(key, identity);
  return identity;
}
