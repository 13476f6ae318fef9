import { discover, type Discovery, type DiscoveryRequest } from './discovery.ts';
import { startTimeBudget } from '../token-endpoint/time-budget.ts';
import { TokenAcquisitionError, type TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';

/** How long a discovery is used without asking again. */
const FRESH_MILLISECONDS = 3_600_000;
/** How long one that cannot be renewed, because a server is down, is still used. */
const STALE_MILLISECONDS = 86_400_000;
/** A challenge that names the address in use says that the document may have changed: asked anew, no more often. */
const RECHECK_MILLISECONDS = 60_000;

const OUTAGES: ReadonlySet<TokenAcquisitionErrorCode> = new Set([
  'metadata_unavailable',
  'timeout',
  'unreachable',
]);

/** Remembers where the token endpoint is. */
export interface DiscoveryCache {
  get(request: DiscoveryRequest): Promise<Discovery>;
}

/**
 * Keeps the last discovery for an hour, and for a day where it cannot be renewed because a server is down.
 *
 * Each time the server is asked anew what it demands, unless a challenge has just said so. A document that
 * has become wrong is never outlived: only an outage is. A challenge that names an address not used so far is
 * followed at once, one that names the address in use once a minute.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.2 | RFC 9728 §5.2}
 */
export function createDiscoveryCache(now: () => number): DiscoveryCache {
  let held: { discovery: Discovery; at: number; challenged: string | undefined } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    async get(request) {
      const at = now();
      const challenged = request.resourceMetadataUrl;
      const lastFound = held?.discovery.protectedResource.url;
      const known = challenged === undefined || challenged === held?.challenged || challenged === lastFound;
      const recheck = challenged !== undefined && at - askedAt >= RECHECK_MILLISECONDS;
      if (held !== undefined && known && !recheck && at - held.at < FRESH_MILLISECONDS) return held.discovery;
      askedAt = at;
      // A server that hangs must leave time for a token request on what was known.
      const budget =
        held === undefined
          ? request.budget
          : startTimeBudget(Math.ceil(request.budget.remainingMilliseconds() / 2));
      try {
        const discovery = await discover({ ...request, budget, previous: held?.discovery });
        held = { discovery, at, challenged: challenged ?? held?.challenged };
        return discovery;
      } catch (error) {
        const outage = error instanceof TokenAcquisitionError && OUTAGES.has(error.code);
        if (held !== undefined && known && outage && at - held.at < STALE_MILLISECONDS) return held.discovery;
        throw error;
      }
    },
  };
}
