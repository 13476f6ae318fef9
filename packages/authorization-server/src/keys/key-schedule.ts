import type { PublicJwk } from './public-jwk.ts';
import type { SigningAlgorithm } from './signing-algorithm.ts';

/** A signing key as all instances know it. */
export interface KeyRecord {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicJwk: PublicJwk;
  /** Encrypted; undefined for a key that an external signer holds. */
  readonly sealedPrivateJwk: string | undefined;
  readonly state: 'next' | 'current' | 'previous';
  /** Milliseconds, like the following: from when on it was published. */
  readonly createdAt: number;
  /** From when on it signs. */
  readonly activeFrom: number;
  /** From when on it is no longer published. */
  readonly retiresAt: number | undefined;
}

/** How long the published key set may be cached. */
export const JWKS_MAX_AGE_SECONDS = 300;

/** An instance looks at the stored keys again before it signs or publishes with a look older than this. */
export const KEY_POLL_SECONDS = 10;

/** How far the clocks of instances may be apart. */
const CLOCK_MARGIN_SECONDS = 30;

/** How far the clock of a resource server may be behind. */
const RESOURCE_SERVER_TOLERANCE_SECONDS = 300;

const LONGEST_TOKEN_LIFETIME_SECONDS = 86_400;

/**
 * How long a key is published before it signs: until every instance publishes it, and every copy of the key set
 * without it has expired.
 */
export const PUBLISHED_AHEAD_MS = (KEY_POLL_SECONDS + JWKS_MAX_AGE_SECONDS + CLOCK_MARGIN_SECONDS) * 1000;

/** How long a key is published after another one took its place: until its last token has expired everywhere. */
export const PUBLISHED_AFTER_MS =
  (LONGEST_TOKEN_LIFETIME_SECONDS +
    KEY_POLL_SECONDS +
    CLOCK_MARGIN_SECONDS +
    RESOURCE_SERVER_TOLERANCE_SECONDS) *
  1000;

/** One change to the keys. */
export type KeyStep =
  /** Makes the first key. */
  | { readonly kind: 'begin' }
  /** Makes the key that follows the current one on schedule. */
  | { readonly kind: 'prepare'; readonly current: KeyRecord }
  | { readonly kind: 'activate'; readonly current: KeyRecord; readonly next: KeyRecord }
  | { readonly kind: 'retire'; readonly keys: readonly KeyRecord[] }
  /** Puts a new key in the place of the next one: of an algorithm, or of the external signer. */
  | {
      readonly kind: 'replace';
      readonly next: KeyRecord | undefined;
      readonly with: SigningAlgorithm | 'signer';
      /** When it is to sign, if it was published long enough by then. */
      readonly dueAt: number;
    }
  /** Makes the next key sign earlier. */
  | { readonly kind: 'hasten'; readonly next: KeyRecord; readonly dueAt: number }
  /** Makes a key sign again that signed before. */
  | { readonly kind: 'restore'; readonly next: KeyRecord | undefined; readonly key: KeyRecord }
  /** Takes a key out of use at once. */
  | { readonly kind: 'withdraw'; readonly key: KeyRecord; readonly keys: readonly KeyRecord[] };

/** What an instance knows beside the stored keys. */
export interface KeyScheduleRules {
  /** Milliseconds. */
  readonly now: number;
  /** Whether this instance can sign with a key. */
  readonly canSign: (key: KeyRecord) => boolean;
  /** Whether external signers hold the keys: their next key is not ours to make. */
  readonly external: boolean;
}

/**
 * Decides what is to be done about the keys now, one step at a time.
 *
 * @param keys - as they are stored
 */
export function decideKeyStep(
  keys: readonly KeyRecord[],
  { now, canSign, external }: KeyScheduleRules,
): KeyStep | undefined {
  const current = keys.find(({ state }) => state === 'current');
  if (current === undefined) return { kind: 'begin' };
  const next = keys.find(({ state }) => state === 'next');
  if (next !== undefined && next.activeFrom <= now && canSign(next)) {
    return { kind: 'activate', current, next };
  }
  if (next === undefined && !external && current.sealedPrivateJwk !== undefined) {
    return { kind: 'prepare', current };
  }
  const retired = keys.filter(({ state, retiresAt }) => state === 'previous' && (retiresAt ?? 0) <= now);
  return retired.length === 0 ? undefined : { kind: 'retire', keys: retired };
}

/** What the options ask for. */
export interface WantedKeys {
  readonly algorithm: SigningAlgorithm | undefined;
  /** Of the external signer that is to sign. */
  readonly signerKeyId: string | undefined;
  readonly rotationIntervalSeconds: number;
}

/**
 * Decides, at the start of an instance, whether its options ask for another algorithm or signer than the keys
 * have. Not asked again while it runs: instances with different options would undo each other's work.
 */
export function decideOptionStep(keys: readonly KeyRecord[], wanted: WantedKeys): KeyStep | undefined {
  const current = keys.find(({ state }) => state === 'current');
  const next = keys.find(({ state }) => state === 'next');
  const { algorithm, signerKeyId, rotationIntervalSeconds } = wanted;
  if (signerKeyId !== undefined) {
    const key = keys.find(({ keyId }) => keyId === signerKeyId);
    if (key === undefined) return { kind: 'replace', next, with: 'signer', dueAt: 0 };
    return key.state === 'previous' ? { kind: 'restore', next, key } : undefined;
  }
  if (current?.sealedPrivateJwk === undefined) return undefined;
  const dueAt = current.activeFrom + rotationIntervalSeconds * 1000;
  if (algorithm === undefined || current.algorithm === algorithm) {
    if (algorithm !== undefined && next !== undefined && next.algorithm !== algorithm) {
      return { kind: 'replace', next, with: algorithm, dueAt };
    }
    // The interval was shortened.
    return next !== undefined && dueAt < next.activeFrom ? { kind: 'hasten', next, dueAt } : undefined;
  }
  if (next?.algorithm === algorithm) return { kind: 'hasten', next, dueAt: 0 };
  return { kind: 'replace', next, with: algorithm, dueAt: 0 };
}

/** When a key that is published from now on is to sign, at the earliest `dueAt`. */
export function activationOf(publishedAt: number, dueAt: number): number {
  return Math.max(publishedAt + PUBLISHED_AHEAD_MS, dueAt);
}
