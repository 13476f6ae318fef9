import type { TokenRecord } from './token-record.ts';

/** A record as it was at one moment. */
export interface VersionedRecord {
  /** Differs from the version of whatever else was, or will be, kept under the key. Means nothing else. */
  readonly version: string;
  /** Empty where there is an entry that cannot be read, so that it can be overwritten. */
  readonly record: TokenRecord;
}

/**
 * Where several token sources, in one process or many, keep the tokens they share. Create one and give it to all of
 * them: an entry belongs to one issuer, client, resource, set of scopes and key, so no server ever sees the token of
 * another.
 *
 * Whoever can read it can use the tokens, and whoever can write to it decides which tokens are used: protect it like
 * a credential. It may fail or hang at any time; tokens are then obtained without it.
 */
export interface TokenStore {
  /**
   * @param key - at most 43 characters of base64url
   * @returns the record, or `undefined` when there is none or its time is over
   */
  read(key: string): Promise<VersionedRecord | undefined>;
  /**
   * Replaces, creates or deletes a record, atomically: of several calls that expect the same version at most one is
   * answered `true`.
   *
   * @param key - as in `read`
   * @param expectedVersion - the version to replace; `undefined`: there must be none
   * @param record - what to keep from now on; `undefined` deletes
   * @param options - `expiresAt`: when the record may be forgotten, in milliseconds since the epoch; at or before the
   *   current time, the record is deleted
   * @returns whether the version was the expected one, and the record therefore replaced
   */
  compareAndSet(
    key: string,
    expectedVersion: string | undefined,
    record: TokenRecord | undefined,
    options: { readonly expiresAt: number },
  ): Promise<boolean>;
}

/** Tells whether a configured value is a token store. */
export function isTokenStore(value: unknown): value is TokenStore {
  if (typeof value !== 'object' || value === null) return false;
  const { read, compareAndSet } = value as Partial<Record<keyof TokenStore, unknown>>;
  return typeof read === 'function' && typeof compareAndSet === 'function';
}
