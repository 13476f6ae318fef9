import { base64url, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { createSigningKey, type SigningAlgorithm } from '../../client-authentication/signing-key.ts';
import { assertKnownOptions } from '../../known-options.ts';
import {
  algorithmOfCryptoKey,
  algorithmOfJwk,
  assertProofAlgorithm,
  SIGNATURE_PARAMETERS,
} from './proof-algorithm.ts';

/** A key pair of WebCrypto. */
export interface DpopKeyPair {
  readonly privateKey: CryptoKey;
  /** Extractable: every proof carries it. */
  readonly publicKey: CryptoKey;
}

/** A key that proofs are signed with: a pair, or a private JWK. */
export type DpopKey = DpopKeyPair | JWK;

/** Options of {@link createDpopKey}. */
export interface DpopKeyOptions {
  /** How the key will sign. Default ES256. RSA keys have 2048 bits. */
  readonly algorithm?: SigningAlgorithm | undefined;
  /** Whether the private key can leave this process, to be stored as a JWK. Default false. */
  readonly extractable?: boolean | undefined;
}

/** The public members of a JWK, in the order in which they are sent. */
export type PublicJwk = Readonly<Record<string, string>>;

/** A key ready to sign with. */
export interface ProofKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: PublicJwk;
}

/** What {@link readProofKey} found out without importing anything. */
export interface ProofKeySource {
  readonly algorithm: SigningAlgorithm;
  load(): Promise<ProofKey>;
}

/**
 * Generates a key for DPoP. Tokens bound to it are of no use to anyone without it.
 *
 * Needed only to keep a key across restarts, or to share it; `createDpop` generates its own.
 *
 * @throws TypeError for a wrong option
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-2 | RFC 9449 §2}
 */
export async function createDpopKey(options: DpopKeyOptions = {}): Promise<DpopKeyPair> {
  assertKnownOptions(options, ['algorithm', 'extractable'], 'createDpopKey');
  const { algorithm = 'ES256', extractable = false } = options;
  assertProofAlgorithm(algorithm);
  if (typeof extractable !== 'boolean') throw new TypeError('extractable must be true or false.');
  return generateKeyPair(algorithm, { extractable });
}

/**
 * Judges a configured key, or plans to generate one, as far as that goes without importing it.
 *
 * No message holds any part of the key.
 *
 * @throws TypeError naming the option and the mend
 */
export function readProofKey(key: DpopKey | undefined, given: SigningAlgorithm | undefined): ProofKeySource {
  if (given !== undefined) assertProofAlgorithm(given);
  if (key === undefined) {
    const algorithm = given ?? 'ES256';
    return { algorithm, load: async () => exportPair(await createDpopKey({ algorithm })) };
  }
  if (typeof key !== 'object' || key === null || !('kty' in key || 'privateKey' in key)) {
    throw new TypeError('key must be a key pair { privateKey, publicKey } or a private JWK.');
  }
  return isKeyPair(key) ? readKeyPair(key, given) : readJwk(key, given);
}

function readKeyPair(pair: DpopKeyPair, given: SigningAlgorithm | undefined): ProofKeySource {
  const { privateKey, publicKey } = pair;
  for (const half of [privateKey, publicKey] as unknown[]) {
    if (typeof half !== 'object' || half === null || !('usages' in half)) {
      throw new TypeError('key must have the CryptoKeys privateKey and publicKey.');
    }
  }
  const algorithm = given ?? inferred(algorithmOfCryptoKey(privateKey));
  createSigningKey(privateKey, algorithm);
  if (publicKey.type !== 'public' || !publicKey.extractable) {
    throw new TypeError('key.publicKey must be an extractable public CryptoKey: every proof carries it.');
  }
  assertRsaLength((privateKey.algorithm as { modulusLength?: number }).modulusLength);
  return {
    algorithm,
    load: () => exportPair({ privateKey, publicKey }).then((key) => matched(key, algorithm)),
  };
}

function readJwk(jwk: JWK, given: SigningAlgorithm | undefined): ProofKeySource {
  const algorithm = given ?? inferred(algorithmOfJwk(jwk));
  const signingKey = createSigningKey(jwk, algorithm);
  const publicJwk = publicMembers(jwk);
  assertRsaLength(publicJwk.n === undefined ? undefined : base64url.decode(publicJwk.n).length * 8);
  return {
    algorithm,
    load: async () => matched({ privateKey: await signingKey.load(), publicJwk }, algorithm),
  };
}

async function exportPair({ privateKey, publicKey }: DpopKeyPair): Promise<ProofKey> {
  return { privateKey, publicJwk: publicMembers(await exportJWK(publicKey)) };
}

/** Only what makes up the public key: whatever else a JWK says must not end up in every proof. */
function publicMembers(jwk: JWK): PublicJwk {
  const names = jwk.kty === 'EC' ? ['crv', 'x', 'y'] : jwk.kty === 'OKP' ? ['crv', 'x'] : ['n', 'e'];
  const members: Record<string, string> = { kty: jwk.kty as string };
  for (const name of names) {
    const value = (jwk as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== 'string' || value === '') {
      throw new TypeError(`key is a JWK without its public part "${name}", which every proof carries.`);
    }
    members[name] = value;
  }
  return members;
}

/** Two halves of different keys would be noticed by the first server only, and without a reason given. */
async function matched(key: ProofKey, algorithm: SigningAlgorithm): Promise<ProofKey> {
  const { privateKey, publicJwk } = key;
  const parameters = SIGNATURE_PARAMETERS[algorithm];
  const sample = crypto.getRandomValues(new Uint8Array(32));
  const publicKey = await crypto.subtle
    .importKey('jwk', { ...publicJwk }, privateKey.algorithm, false, ['verify'])
    .catch(() => undefined);
  const signature = await crypto.subtle.sign(parameters, privateKey, sample);
  if (publicKey === undefined || !(await crypto.subtle.verify(parameters, publicKey, signature, sample))) {
    throw new TypeError('key: its public part does not belong to its private part.');
  }
  return key;
}

function assertRsaLength(bits: number | undefined): void {
  if (bits === undefined || bits >= 2048) return;
  throw new TypeError(`key is an RSA key of ${bits} bits; at least 2048 are needed.`);
}

function inferred(algorithm: SigningAlgorithm | undefined): SigningAlgorithm {
  if (algorithm !== undefined) return algorithm;
  throw new TypeError('algorithm is needed: the key does not say how it signs.');
}

function isKeyPair(key: DpopKey): key is DpopKeyPair {
  return 'privateKey' in key;
}
