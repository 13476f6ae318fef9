import { setTimeout as sleep } from 'node:timers/promises';

import { TokenAcquisitionError, type AuthorizedFetch } from '@mcp-m2m/core/client';

/** What may be sent again: reading, and what the server does once however often it is asked. */
const RETRY_AFTER_MILLISECONDS = [200, 800];
const LONGEST_WAIT_SECONDS = 5;

/**
 * Sends a request again where its answer was lost or the server is busy, as far as nothing is done twice by it: GET,
 * and POST with an `Idempotency-Key`.
 *
 * The body goes as text of known length: the administrative API takes no other.
 *
 * @param send - adds the token
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ | The Idempotency-Key HTTP header field}
 */
export function createPatientFetch(
  send: AuthorizedFetch,
  timeoutMilliseconds: number,
  signal: AbortSignal,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { method, url, headers } = request;
    const text = method === 'GET' ? '' : await request.text();
    const isRepeatable = method === 'GET' || headers.has('idempotency-key');
    for (let attempt = 0; ; attempt++) {
      const wait = isRepeatable ? RETRY_AFTER_MILLISECONDS[attempt] : undefined;
      try {
        const response = await send(url, {
          method,
          headers,
          ...(text === '' ? {} : { body: text }),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
        });
        if (wait === undefined || !(await isBusy(response))) return response;
        await sleep(Math.max(wait, retryAfter(response) * 1000), undefined, { signal });
      } catch (error) {
        if (wait === undefined || signal.aborted || error instanceof TokenAcquisitionError) throw error;
        await sleep(wait, undefined, { signal });
      }
    }
  };
}

/** Whether the same request is likely to be answered in a moment. */
async function isBusy(response: Response): Promise<boolean> {
  if (response.status === 503) return retryAfter(response) <= LONGEST_WAIT_SECONDS;
  if (response.status !== 409) return false;
  const { code } = (await response
    .clone()
    .json()
    .catch(() => ({}))) as { code?: unknown };
  return code === 'request_under_way';
}

function retryAfter({ headers }: Response): number {
  const seconds = Number(headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) ? seconds : Number.POSITIVE_INFINITY;
}
