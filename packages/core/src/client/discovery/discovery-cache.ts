import { startTimeBudget } from '../token-endpoint/time-budget.ts';
import { TokenAcquisitionError, type TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';
import type { AuthorizationServerCache } from './authorization-server-cache.ts';
import {
  discoverAuthorizationServer,
  discoverResource,
  type Discovery,
  type DiscoveryRequest,
  type ResourceDiscovery,
} from './discovery.ts';

/** How long metadata that cannot be fetched anew, because a server is down, is still used. */
const STALE_MILLISECONDS = 86_400_000;
/** A challenge that names the address in use says that the document may have changed: asked anew, no more often. */
const RECHECK_MILLISECONDS = 60_000;

const OUTAGES: ReadonlySet<TokenAcquisitionErrorCode> = new Set([
  'metadata_unavailable',
  'timeout',
  'unreachable',
]);

/** Remembers what one resource and its authorization server say of themselves. */
export interface DiscoveryCache {
  get(request: DiscoveryRequest): Promise<Discovery>;
}

/**
 * Keeps the last discovery for as long as the HTTP headers of its documents say (an hour where they say
 * nothing), and for a day where it cannot be renewed because a server is down.
 *
 * Each time the server is asked anew what it demands, unless a challenge has just said so. A document that
 * has become wrong is never outlived: only an outage is. A challenge that names an address not used so far is
 * followed at once, one that names the address in use once a minute.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.2 | RFC 9728 §5.2}
 */
export function createDiscoveryCache(
  authorizationServers: AuthorizationServerCache,
  now: () => number,
): DiscoveryCache {
  let held: { resource: ResourceDiscovery; at: number; challenged: string | undefined } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function getResource(request: DiscoveryRequest, recheck: boolean): Promise<ResourceDiscovery> {
    const at = now();
    const challenged = request.resourceMetadataUrl;
    const lastFound = held?.resource.protectedResource;
    const known =
      challenged === undefined || challenged === held?.challenged || challenged === lastFound?.url;
    const fresh = held !== undefined && at - held.at < held.resource.protectedResource.freshForSeconds * 1000;
    if (held !== undefined && known && !recheck && fresh) return held.resource;
    askedAt = at;
    try {
      const resource = await discoverResource(request, held?.resource);
      held = { resource, at, challenged: challenged ?? held?.challenged };
      return resource;
    } catch (error) {
      const outage = error instanceof TokenAcquisitionError && OUTAGES.has(error.code);
      if (held !== undefined && known && outage && at - held.at < STALE_MILLISECONDS) return held.resource;
      throw error;
    }
  }

  return {
    async get(request) {
      const recheck = request.resourceMetadataUrl !== undefined && now() - askedAt >= RECHECK_MILLISECONDS;
      // A server that hangs must leave time for a token request on what was known.
      const budget =
        held === undefined
          ? request.budget
          : startTimeBudget(Math.ceil(request.budget.remainingMilliseconds() / 2));
      const resource = await getResource({ ...request, budget }, recheck);
      const authorizationServer = await discoverAuthorizationServer(
        { ...request, budget },
        authorizationServers,
        recheck ? RECHECK_MILLISECONDS : undefined,
      );
      return { ...resource, authorizationServer };
    },
  };
}
