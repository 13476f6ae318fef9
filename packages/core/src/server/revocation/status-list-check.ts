import { decodeBase64url } from '../base64url.ts';
import { claimInvalid } from '../claim-failure.ts';
import { assertSecureDocumentUrl } from '../../bounded-document.ts';
import type { VerifiedToken } from '../access-token.ts';
import { assertValidNow, readValidityPeriod } from '../claims.ts';
import { parseCompactJws } from '../compact-jws.ts';
import { isSignatureValid } from '../jws-signature.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { inflateBounded } from './inflate.ts';
import { revocationUnavailable, tokenRevoked } from './revocation-check.ts';

/** Looks a token up in the status list that it names. */
export type StatusListCheck = (verified: VerifiedToken) => undefined | Promise<void>;

/** Fetches a status list token, bounded in time and size. */
export type FetchStatusList = (uri: string) => Promise<string>;

/** How {@link createStatusListCheck} is configured. */
export interface StatusListOptions {
  readonly fetchStatusList: FetchStatusList;
  readonly now: () => number;
  readonly clockToleranceSeconds: number;
  /** Origins beside the issuer's own at which its lists may be. */
  readonly origins: readonly string[];
}

/** A verified list. */
interface StatusList {
  readonly bits: number;
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch: renewed after, no longer used after. */
  readonly freshUntil: number;
  readonly expiresAt: number;
}

interface Kept {
  list: StatusList | undefined;
  loading: Promise<StatusList> | undefined;
  failedAt: number;
}

const MAX_LISTS = 100;
const MAX_LIST_TOKEN_LENGTH = 2_097_152;
const MAX_LIST_BYTES = 16_777_216;
const DEFAULT_TTL_SECONDS = 300;
const MAX_TTL_SECONDS = 3600;
/** A list without `exp` is not used beyond this age while it cannot be renewed. */
const MAX_AGE_SECONDS = 86_400;
const FAILURE_COOLDOWN_SECONDS = 5;

/**
 * Creates the check of Token Status Lists: the list is fetched from where the verified token says, if that is
 * the issuer's own origin or an allowed one, verified with the issuer's keys, and kept for its `ttl`.
 *
 * Every status but 0 (valid) refuses the token. A list that cannot be had is 503, except that one in hand is
 * used until it expires.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, sections 4, 5.1 and 8.3}
 */
export function createStatusListCheck(options: StatusListOptions): StatusListCheck {
  const { now, clockToleranceSeconds } = options;
  const lists = new Map<string, Kept>();

  const load = async (uri: string, issuer: TrustedIssuer): Promise<StatusList> => {
    const token = await options.fetchStatusList(uri);
    if (token.length > MAX_LIST_TOKEN_LENGTH) throw new Error('the status list is too large');
    const jws = parseCompactJws(token, MAX_LIST_TOKEN_LENGTH);
    const { algorithm, keyId, header, claims } = jws;
    if (typeof header.typ !== 'string' || !/^(?:application\/)?statuslist\+jwt$/i.test(header.typ)) {
      throw new Error('the status list has another type than statuslist+jwt');
    }
    if (claims.sub !== uri) throw new Error('the status list is for another address');
    if (claims.iss !== undefined && claims.iss !== issuer.issuer)
      throw new Error('the status list is of another issuer');
    const { cryptoKey } = await issuer.keys.find(algorithm, keyId);
    if (!(await isSignatureValid(jws, cryptoKey)))
      throw new Error('the signature of the status list is not valid');
    return read(claims);
  };

  const read = async (claims: Readonly<Record<string, unknown>>): Promise<StatusList> => {
    const { status_list: statusList, ttl } = claims as {
      status_list?: { bits?: unknown; lst?: unknown };
      ttl?: unknown;
    };
    const bits = statusList?.bits;
    const encoded = statusList?.lst;
    if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8)
      throw new Error('the status list has no valid "bits"');
    const compressed = typeof encoded === 'string' ? decodeBase64url(encoded) : undefined;
    if (compressed === undefined) throw new Error('the status list has no valid "lst"');
    if (typeof claims.iat !== 'number') throw new Error('the status list has no "iat"');
    const seconds = now() / 1000;
    const period = claims.exp === undefined ? undefined : readValidityPeriod(claims);
    if (period !== undefined) assertValidNow(period, seconds, clockToleranceSeconds);
    const lifetime =
      typeof ttl === 'number' && ttl > 0 ? Math.min(ttl, MAX_TTL_SECONDS) : DEFAULT_TTL_SECONDS;
    return {
      bits,
      bytes: await inflateBounded(compressed, MAX_LIST_BYTES),
      freshUntil: now() + lifetime * 1000,
      expiresAt: Math.min((period?.expiresAt ?? Infinity) * 1000, now() + MAX_AGE_SECONDS * 1000),
    };
  };

  const renew = (kept: Kept, uri: string, issuer: TrustedIssuer): Promise<StatusList> => {
    kept.loading ??= load(uri, issuer)
      .then(
        (list) => (kept.list = list),
        (error: unknown) => {
          kept.failedAt = now();
          throw error;
        },
      )
      .finally(() => (kept.loading = undefined));
    return kept.loading;
  };

  const find = (uri: string): Kept => {
    let kept = lists.get(uri);
    if (kept === undefined) {
      for (const oldest of lists.keys()) {
        if (lists.size < MAX_LISTS) break;
        lists.delete(oldest);
      }
      kept = { list: undefined, loading: undefined, failedAt: Number.NEGATIVE_INFINITY };
      lists.set(uri, kept);
    }
    return kept;
  };

  const assertValid = (list: StatusList, index: number): void => {
    const status = readStatus(list, index);
    if (status === undefined)
      throw revocationUnavailable(`an entry ${index} in the status list`, 'a shorter list');
    if (status !== 0) throw tokenRevoked(`status ${status} in its status list`);
  };

  const loadThenCheck = async (
    kept: Kept,
    uri: string,
    index: number,
    issuer: TrustedIssuer,
  ): Promise<void> => {
    if (now() - kept.failedAt < FAILURE_COOLDOWN_SECONDS * 1000) {
      throw revocationUnavailable('the status list', 'a failure a moment ago');
    }
    let list: StatusList;
    try {
      list = await renew(kept, uri, issuer);
    } catch (cause) {
      throw revocationUnavailable(
        'the status list',
        cause instanceof Error ? cause.message : 'a failure',
        cause,
      );
    }
    assertValid(list, index);
  };

  return ({ claims, issuer }) => {
    const reference = readReference(claims.status, [new URL(issuer.issuer).origin, ...options.origins]);
    if (reference === undefined) return undefined;
    const { uri, index } = reference;
    // One list of two issuers is two lists: each is verified with its own issuer's keys.
    const kept = find(`${issuer.issuer} ${uri}`);
    const { list } = kept;
    const time = now();
    if (list === undefined || time >= list.expiresAt) return loadThenCheck(kept, uri, index, issuer);
    if (time >= list.freshUntil) {
      // Learning of a revocation is what the list is for: wait for the new one unless its issuer is down.
      if (time - kept.failedAt >= FAILURE_COOLDOWN_SECONDS * 1000) {
        return renew(kept, uri, issuer).then(
          (renewed) => assertValid(renewed, index),
          () => assertValid(list, index),
        );
      }
    }
    assertValid(list, index);
    return undefined;
  };
}

function readReference(
  status: unknown,
  origins: readonly string[],
): { readonly uri: string; readonly index: number } | undefined {
  if (typeof status !== 'object' || status === null) throw claimInvalid('status', 'an object', status);
  const { status_list: reference } = status as { status_list?: unknown };
  if (reference === undefined) return undefined;
  const { uri, idx } = (typeof reference === 'object' ? (reference ?? {}) : {}) as {
    uri?: unknown;
    idx?: unknown;
  };
  if (typeof uri !== 'string' || typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) {
    throw claimInvalid('status', '"status_list" with "idx" and "uri"', reference);
  }
  const origin = URL.parse(uri)?.origin;
  if (origin === undefined || !origins.includes(origin)) {
    throw revocationUnavailable(`a status list at ${origins.join(' or ')}`, `one at ${origin ?? 'no URL'}`);
  }
  assertSecureDocumentUrl(uri);
  return { uri, index: idx };
}

/** Entries are packed from the least significant bit of each byte. */
function readStatus({ bits, bytes }: StatusList, index: number): number | undefined {
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(index / perByte)];
  return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
}
