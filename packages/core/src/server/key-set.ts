import { printable } from '../printable-text.ts';
import type { SignatureAlgorithm } from './signature-algorithms.ts';
import { VerificationFailure } from './verification-failure.ts';
import { importVerificationKey, type VerificationKey } from './verification-key.ts';

/** The members of a key set document and how long they may be used without asking again. */
export interface FetchedKeys {
  readonly keys: readonly unknown[];
  readonly lifetimeSeconds: number;
}

/** How {@link createKeySet} gets and keeps keys. */
export interface KeySetOptions {
  /** For messages. */
  readonly issuer: string;
  /** Fetches the document; bounded in time and size by the caller; rejects when there is none. */
  readonly fetchKeys: () => Promise<FetchedKeys>;
  readonly algorithms: readonly SignatureAlgorithm[];
  /** Current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** How long the last good keys are used while the issuer cannot be reached. */
  readonly staleIfErrorSeconds: number;
}

/** The public keys of one issuer, kept through outages and rotations. */
export interface KeySet {
  /**
   * The one key for an algorithm and key id. Answers without a promise when nothing has to be fetched.
   *
   * @throws VerificationFailure `key_unknown`, `key_ambiguous` or `issuer_unavailable`
   */
  find(algorithm: string, keyId: string | undefined): VerificationKey | Promise<VerificationKey>;
  /** Whether a key found earlier is still published, as far as is known. Starts a refresh when one is due. */
  isCurrent(key: VerificationKey): boolean;
  /** Fetches the keys now, for start-up. Never rejects: tells whether keys are there. */
  preload(): Promise<boolean>;
}

/** At most one fetch in this time is caused by unknown key ids. */
export const UNKNOWN_KEY_COOLDOWN_SECONDS = 5;
/** Past this age the keys are asked for again before they are used, unless the issuer is known to be down. */
export const MAX_UNCHECKED_AGE_SECONDS = 600;
const MAX_FAILURE_COOLDOWN_SECONDS = 5;
const MAX_KEYS = 100;

/**
 * Keeps the keys of one issuer: fetched once for all who ask at the same time, renewed in the background
 * when their lifetime ends, kept while the issuer fails, asked for again at most once per five seconds
 * when a token names an unknown key.
 *
 * Does not verify anything itself.
 */
export function createKeySet(options: KeySetOptions): KeySet {
  const { now, algorithms } = options;
  let keys: ReadonlySet<VerificationKey> = new Set();
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let lastError: unknown;
  let inFlight: Promise<void> | undefined;

  const failureCooldown = (): number =>
    failures === 0 ? 0 : 1000 * Math.min(MAX_FAILURE_COOLDOWN_SECONDS, 2 ** (failures - 1));
  const mayTry = (): boolean => now() - attemptedAt >= failureCooldown();
  const isUsable = (): boolean => keys.size > 0 && now() < fetchedAt + options.staleIfErrorSeconds * 1000;

  const refresh = (): Promise<void> => {
    inFlight ??= load().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };

  const load = async (): Promise<void> => {
    attemptedAt = now();
    try {
      const fetched = await options.fetchKeys();
      const imported = await importAll(fetched.keys);
      // An empty set is an accident at the provider far more often than a withdrawal of every key.
      if (imported.length === 0) throw new Error(`the key set of ${options.issuer} has no usable key`);
      keys = keepIdentity(imported, keys);
      fetchedAt = now();
      freshUntil = fetchedAt + fetched.lifetimeSeconds * 1000;
      failures = 0;
      lastError = undefined;
    } catch (error) {
      failures++;
      lastError = error;
    }
  };

  const importAll = async (entries: readonly unknown[]): Promise<readonly VerificationKey[]> => {
    const imported = entries.slice(0, MAX_KEYS).map((entry) => importVerificationKey(entry, algorithms));
    return (await Promise.all(imported)).filter((key) => key !== undefined);
  };

  const unavailable = (): VerificationFailure =>
    new VerificationFailure('issuer_unavailable', {
      expected: `the keys of ${options.issuer}`,
      received: lastError instanceof Error ? lastError.message : 'nothing',
      description: 'The keys of the authorization server cannot be fetched at the moment.',
      retryAfterSeconds: Math.max(1, Math.ceil((attemptedAt + failureCooldown() - now()) / 1000)),
      cause: lastError,
    });

  const lookUp = (algorithm: string, keyId: string | undefined): VerificationKey | undefined => {
    let found: VerificationKey | undefined;
    for (const key of keys) {
      if ((keyId !== undefined && key.keyId !== keyId) || !key.algorithms.some((one) => one === algorithm))
        continue;
      if (found !== undefined) throw ambiguous(options.issuer, keyId);
      found = key;
    }
    return found;
  };

  const findAfterRefresh = async (algorithm: string, keyId: string | undefined): Promise<VerificationKey> => {
    if (inFlight !== undefined || mayTry()) await refresh();
    if (!isUsable()) throw unavailable();
    return lookUp(algorithm, keyId) ?? (await findUnknown(algorithm, keyId));
  };

  const findUnknown = async (algorithm: string, keyId: string | undefined): Promise<VerificationKey> => {
    const cooledDown = now() - attemptedAt >= UNKNOWN_KEY_COOLDOWN_SECONDS * 1000;
    if (inFlight !== undefined || cooledDown) {
      await refresh();
      const found = lookUp(algorithm, keyId);
      if (found !== undefined) return found;
    }
    // The key may be a new one that could not be fetched: that is not the token's fault.
    if (failures > 0) throw unavailable();
    throw new VerificationFailure('key_unknown', {
      expected: `a key of ${options.issuer} for ${printable(algorithm)}`,
      received: keyId === undefined ? 'no key id' : `key id ${printable(keyId)}`,
      description: 'The access token is signed with a key that the authorization server does not publish.',
    });
  };

  /** Whether the keys in hand may answer now; starts their renewal in the background when it is due. */
  const canAnswerNow = (): boolean => {
    if (now() < freshUntil) return true;
    if (!isUsable()) return false;
    // An issuer that is known to be down must not delay requests: its last good keys answer.
    if (failures === 0 && now() >= fetchedAt + MAX_UNCHECKED_AGE_SECONDS * 1000) return false;
    if (inFlight === undefined && mayTry()) void refresh();
    return true;
  };

  return {
    find: (algorithm, keyId) => {
      if (!canAnswerNow()) return findAfterRefresh(algorithm, keyId);
      return lookUp(algorithm, keyId) ?? findUnknown(algorithm, keyId);
    },
    isCurrent: (key) => canAnswerNow() && keys.has(key),
    preload: async () => {
      if (!canAnswerNow()) await refresh();
      return isUsable();
    },
  };
}

function ambiguous(issuer: string, keyId: string | undefined): VerificationFailure {
  return new VerificationFailure('key_ambiguous', {
    expected: `one key of ${issuer}`,
    received:
      keyId === undefined ? 'no key id, and several keys' : `several keys with the id ${printable(keyId)}`,
    description:
      'The key that signed the access token cannot be told from others of the authorization server.',
  });
}

/**
 * Keeps the object of a key that is published again, so that what was verified with it stays verified, and one
 * of several entries that are the same key.
 */
function keepIdentity(
  fetched: readonly VerificationKey[],
  known: ReadonlySet<VerificationKey>,
): ReadonlySet<VerificationKey> {
  const byIdentity = new Map([...known].map((key) => [identityOf(key), key]));
  const kept = new Set<VerificationKey>();
  for (const key of fetched) {
    const identity = identityOf(key);
    const same = byIdentity.get(identity) ?? key;
    byIdentity.set(identity, same);
    kept.add(same);
  }
  return kept;
}

function identityOf({ keyId, algorithms, material }: VerificationKey): string {
  return JSON.stringify([keyId, algorithms, material]);
}
