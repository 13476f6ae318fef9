import { createAddressJudge } from './address-judge.ts';
import { createConnectionPool } from './connection-pool.ts';
import { exchange } from './exchange.ts';
import { NodeFetchError } from './node-fetch-error.ts';
import { readNodeFetchOptions, type NodeFetchOptions } from './node-fetch-options.ts';
import { readOutgoingRequest } from './outgoing-request.ts';
import { followRedirect } from './redirect.ts';
import { createTlsIdentity } from './tls-identity.ts';
import { toWebResponse } from './web-response.ts';

/** A `fetch` with connections of its own: for `createTokenSource`, `authorizedFetch` and any code that takes one. */
export interface NodeFetch {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Destroys its connections, those in use too; requests from then on reject with `closed`. */
  readonly close: () => void;
}

/**
 * Creates a `fetch` for Node.js that connects to public addresses only, and that can present a client
 * certificate.
 *
 * A name is resolved once for a connection, every address that it has is judged, and the connection is made to
 * one of those: no second look-up can lead elsewhere. Private, loopback, link-local and all other addresses of
 * special purpose are refused unless `allowLoopback` or `allowedNetworks` opens them, and plain http is spoken to
 * opened ones only. Servers are always verified; proxies are not used, also not those of the environment.
 *
 * Redirects are followed within the origin; `redirect: 'manual'` returns them, `'error'` rejects. Answers are
 * asked for without content coding. Speaks HTTP/1.1. Does not bound a body in time or size: `signal` and the
 * reader do. Ignores what only browsers have, such as `cache`, `credentials` and `integrity`.
 *
 * @throws TypeError for a wrong option; when called, NodeFetchError with a stable `code`, the signal's reason, or
 *   TypeError with the network's failure as its cause
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-7.7 | RFC 9728 §7.7},
 *   {@link https://www.rfc-editor.org/rfc/rfc8705#section-2 | RFC 8705 §2}
 */
export function createNodeFetch(options: NodeFetchOptions = {}): NodeFetch {
  const settings = readNodeFetchOptions(options);
  const { lookup, connectTimeoutMilliseconds, headersTimeoutMilliseconds } = settings;
  const pool = createConnectionPool({
    judge: createAddressJudge(settings),
    identity: createTlsIdentity(settings),
    lookup,
    connectTimeoutMilliseconds,
  });

  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    let request = await readOutgoingRequest(input, init);
    for (let followed = 0; ; followed++) {
      if (pool.closed) throw new NodeFetchError('closed', 'This fetch was closed by its close().');
      const incoming = await exchange(request, pool, headersTimeoutMilliseconds);
      request.signal?.throwIfAborted();
      let next;
      try {
        next = followRedirect(request, incoming, followed);
      } catch (error) {
        incoming.destroy();
        throw error;
      }
      if (next === undefined) return toWebResponse(incoming, request.method, request.url, followed > 0);
      incoming.destroy();
      request = next;
    }
  };
  return Object.assign(fetch, { close: pool.close });
}
