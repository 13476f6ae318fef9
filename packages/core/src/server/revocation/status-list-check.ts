import { assertSecureDocumentUrl } from '../../bounded-document.ts';
import type { VerifiedToken } from '../access-token.ts';
import { claimInvalid } from '../claim-failure.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { revocationUnavailable, tokenRevoked } from './revocation-check.ts';
import { readStatus, type StatusList } from './status-list.ts';
import {
  createStatusListCache,
  type KeptStatusList,
  type StatusListCacheOptions,
} from './status-list-cache.ts';

/** Looks a token up in the status list that it names. */
export type StatusListCheck = (verified: VerifiedToken) => undefined | Promise<void>;

/** How {@link createStatusListCheck} is configured. */
export interface StatusListOptions extends StatusListCacheOptions {
  /** Origins beside the issuer's own at which its lists may be. */
  readonly origins: readonly string[];
}

/** A list that is younger than this is not fetched again because it is too short for an entry. */
const MIN_AGE_SECONDS = 5;

/**
 * Creates the check of Token Status Lists: the list is fetched from where the verified token says, if that is
 * the issuer's own origin or an allowed one, verified with the issuer's keys, and kept for its `ttl`.
 *
 * Every status but 0 (valid) refuses the token. A list that cannot be had is 503, except that one in hand is
 * used until it expires. Redirects are not followed. A token with a `status` of another kind alone is refused,
 * because nobody would look at it.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, sections 6, 7 and 8.3}
 */
export function createStatusListCheck(options: StatusListOptions): StatusListCheck {
  const { now, origins } = options;
  const findList = createStatusListCache(options);

  const renewThenCheck = async (kept: KeptStatusList, index: number): Promise<void> => {
    if (kept.failedJustNow()) throw revocationUnavailable('the status list', 'a failure a moment ago');
    let list: StatusList;
    try {
      list = await kept.renew();
    } catch (cause) {
      const received = cause instanceof Error ? cause.message : 'a failure';
      throw revocationUnavailable('the status list', received, cause);
    }
    assertValid(readStatus(list, index), index);
  };

  return ({ claims, issuer }) => {
    const { uri, index } = readReference(claims.status, issuer, origins);
    const kept = findList(uri, issuer);
    const list = kept.current();
    if (list === undefined) return renewThenCheck(kept, index);
    const status = readStatus(list, index);
    if (status === undefined && now() - list.fetchedAt >= MIN_AGE_SECONDS * 1000)
      return renewThenCheck(kept, index);
    if (now() >= list.freshUntil && !kept.failedJustNow()) {
      const renewed = kept.renew();
      // Learning of a revocation is what the list is for: the new one is waited for, unless its issuer is known to
      // be down, which must not delay every request.
      if (!kept.isFailing()) {
        return renewed.then(
          (fresh) => assertValid(readStatus(fresh, index), index),
          () => assertValid(status, index),
        );
      }
      renewed.catch(() => undefined);
    }
    assertValid(status, index);
    return undefined;
  };
}

function assertValid(status: number | undefined, index: number): void {
  if (status === undefined)
    throw revocationUnavailable(`an entry ${index} in the status list`, 'a shorter list');
  if (status !== 0) throw tokenRevoked(`status ${status} in its status list`);
}

function readReference(
  status: unknown,
  issuer: TrustedIssuer,
  origins: readonly string[],
): { readonly uri: string; readonly index: number } {
  const { status_list: reference } = (typeof status === 'object' ? (status ?? {}) : {}) as {
    status_list?: unknown;
  };
  const { uri, idx } = (typeof reference === 'object' ? (reference ?? {}) : {}) as {
    uri?: unknown;
    idx?: unknown;
  };
  if (typeof uri !== 'string' || typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) {
    throw claimInvalid('status', '"status_list" with "idx" and "uri"', status);
  }
  const origin = URL.parse(uri)?.origin;
  const allowed = [new URL(issuer.issuer).origin, ...origins];
  if (origin === undefined || !allowed.includes(origin)) {
    throw revocationUnavailable(`a status list at ${allowed.join(' or ')}`, `one at ${origin ?? 'no URL'}`);
  }
  try {
    assertSecureDocumentUrl(uri);
  } catch (cause) {
    throw revocationUnavailable(
      'a status list at an https URL without user information',
      'another URL',
      cause,
    );
  }
  return { uri, index: idx };
}
