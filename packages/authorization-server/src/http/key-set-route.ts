import type { KeyRing } from '../keys/key-ring.ts';
import { JWKS_MAX_AGE_SECONDS } from '../keys/key-schedule.ts';
import type { PublicJwk } from '../keys/public-jwk.ts';
import { serveDocument, type Route } from './documents.ts';

/**
 * Makes the route of the published key set. While the database cannot be reached, the keys last read are
 * served.
 */
export function createKeySetRoute({ refresh, published }: Pick<KeyRing, 'refresh' | 'published'>): Route {
  let served: { readonly keys: readonly PublicJwk[]; readonly route: Route } | undefined;
  const serve: Route = (request, response) => {
    const keys = published();
    if (served?.keys !== keys) {
      served = { keys, route: serveDocument({ keys }, 'application/jwk-set+json', JWKS_MAX_AGE_SECONDS) };
    }
    served.route(request, response);
  };
  return (request, response) => {
    const refreshed = refresh();
    if (refreshed === undefined) serve(request, response);
    else void refreshed.catch(() => undefined).then(() => serve(request, response));
  };
}
