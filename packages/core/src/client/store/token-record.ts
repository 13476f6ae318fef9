import { isScopeToken } from '../../scope.ts';

/** A token as a store keeps it: JSON, without a refresh token, which is never stored. */
export interface StoredToken {
  readonly accessToken: string;
  /** How it is presented; a `DPoP` token is of use only to who has its key. */
  readonly tokenType: 'Bearer' | 'DPoP';
  /** When it expires, in seconds since the epoch, where the server said. */
  readonly expiresAt?: number | undefined;
  /** `expires_in`, where the server said. */
  readonly lifetimeSeconds?: number | undefined;
  /** When the token request was sent, in milliseconds since the epoch. */
  readonly requestedAt: number;
  /** The scopes granted. */
  readonly scopes: readonly string[];
  /** The scopes it was requested with. */
  readonly requestedScopes: readonly string[];
}

/** Says who is obtaining a token at the moment, so that the others wait for it. */
export interface RenewalLease {
  /** Anything that no other renewal has. */
  readonly owner: string;
  /** In milliseconds since the epoch; from then on another may take its place. */
  readonly renewingUntil: number;
}

/** The authorization server has asked to be left alone. */
export interface SharedFailure {
  /** The code of the error that told it, such as `unavailable`. */
  readonly code: string;
  /** In milliseconds since the epoch. */
  readonly failedUntil: number;
}

/** All that is kept under one key. */
export interface TokenRecord {
  /** The last token obtained, usable or not. */
  readonly token?: StoredToken | undefined;
  readonly lease?: RenewalLease | undefined;
  readonly failure?: SharedFailure | undefined;
}

const MOST_TEXT = 131_072;
/** How long a token is kept whose lifetime nobody stated. */
const UNSTATED_LIFETIME_MILLISECONDS = 300_000;

/**
 * Copies a record, member by member, or finds that it is not one: for what comes out of a store, which others may
 * write to. Members it does not know are left out.
 *
 * Judges the form only: not whether the token still lives, nor who wrote it.
 *
 * @returns the record, frozen, or `undefined`
 */
export function copyTokenRecord(value: unknown): TokenRecord | undefined {
  if (!isObject(value)) return undefined;
  const token = value.token === undefined ? undefined : copyToken(value.token);
  const lease = value.lease === undefined ? undefined : copyLease(value.lease);
  const failure = value.failure === undefined ? undefined : copyFailure(value.failure);
  if (token === null || lease === null || failure === null) return undefined;
  return Object.freeze({
    ...(token === undefined ? {} : { token }),
    ...(lease === undefined ? {} : { lease }),
    ...(failure === undefined ? {} : { failure }),
  });
}

/** When nothing in a record is of use any more, in milliseconds since the epoch. */
export function endOfRecord({ token, lease, failure }: TokenRecord): number {
  return Math.max(
    token === undefined ? 0 : endOfToken(token),
    lease?.renewingUntil ?? 0,
    failure?.failedUntil ?? 0,
  );
}

function endOfToken({ lifetimeSeconds, expiresAt, requestedAt }: StoredToken): number {
  if (lifetimeSeconds !== undefined) return requestedAt + lifetimeSeconds * 1000;
  return expiresAt === undefined ? requestedAt + UNSTATED_LIFETIME_MILLISECONDS : expiresAt * 1000;
}

function copyToken(value: unknown): StoredToken | null {
  if (!isObject(value)) return null;
  const { accessToken, tokenType, expiresAt, lifetimeSeconds, requestedAt, scopes, requestedScopes } = value;
  // What is not printable ASCII without spaces cannot stand in a header.
  if (!isText(accessToken) || !/^[\x21-\x7e]+$/.test(accessToken)) return null;
  if (tokenType !== 'Bearer' && tokenType !== 'DPoP') return null;
  if (!isTime(requestedAt) || !isScopeList(scopes) || !isScopeList(requestedScopes)) return null;
  if (expiresAt !== undefined && !isTime(expiresAt, 1000)) return null;
  if (lifetimeSeconds !== undefined && !isTime(lifetimeSeconds, 1000)) return null;
  return Object.freeze({
    accessToken,
    tokenType,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    requestedAt,
    scopes: Object.freeze([...scopes]),
    requestedScopes: Object.freeze([...requestedScopes]),
  });
}

function copyLease(value: unknown): RenewalLease | null {
  if (!isObject(value)) return null;
  const { owner, renewingUntil } = value;
  return isText(owner) && isTime(renewingUntil) ? Object.freeze({ owner, renewingUntil }) : null;
}

function copyFailure(value: unknown): SharedFailure | null {
  if (!isObject(value)) return null;
  const { code, failedUntil } = value;
  // It goes into messages.
  const isCode = isText(code) && /^[a-z_]{1,64}$/.test(code);
  return isCode && isTime(failedUntil) ? Object.freeze({ code, failedUntil }) : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MOST_TEXT;
}

/** A point in time or a duration that Redis can count in milliseconds, whatever its own unit is. */
function isTime(value: unknown, millisecondsInUnit = 1): value is number {
  return typeof value === 'number' && value >= 0 && value * millisecondsInUnit <= 2 ** 54;
}

function isScopeList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isScopeToken);
}
