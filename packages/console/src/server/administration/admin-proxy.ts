import { TokenAcquisitionError } from '@mcp-m2m/core/client';

import { ConsoleProblem } from '../http/problem.ts';
import type { AdminAccess } from '../sign-in/admin-access.ts';
import type { HasOperation } from './admin-operations.ts';

/** What is asked of the administrative API. */
export interface AdminRequest {
  readonly method: string;
  /** From `/admin/v1` on, with its query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /** Where the browser is, for the audit trail. */
  readonly address: string | undefined;
  readonly signal: AbortSignal;
}

/** Passes a request on. */
export type PassOn = (access: AdminAccess, request: AdminRequest) => Promise<Response>;

const REQUEST_HEADERS = ['accept', 'content-type', 'if-match', 'if-none-match', 'idempotency-key'];
const RESPONSE_HEADERS = [
  'content-disposition',
  'content-type',
  'etag',
  'idempotency-replayed',
  'location',
  'retry-after',
];

/**
 * Makes the function that passes requests on to the administrative API, with the session's token. What is not in the
 * API's OpenAPI document is not passed on, and of headers only what the API reads.
 *
 * @param forwardAddress - whether to say where the browser is
 * @throws ConsoleProblem `not_found`, `session_ended`, `administration_unavailable`
 */
export function createAdminProxy(
  issuer: string,
  hasOperation: HasOperation,
  forwardAddress: boolean,
): PassOn {
  const base = issuer.replace(/\/$/, '');

  return async (access, { method, target, headers, body, address, signal }) => {
    const url = new URL(base + target);
    const path = url.pathname.slice(new URL(base).pathname.replace(/\/$/, '').length);
    // No identifier of the API needs encoding, and what is encoded may be read as another path further on.
    const plain = url.href.startsWith(`${base}/admin/v1/`) && !path.includes('%');
    if (!plain || !(await hasOperation(method, path))) {
      throw new ConsoleProblem(404, 'not_found', 'The administrative API has no such operation.');
    }
    const outgoing = new Headers();
    for (const name of REQUEST_HEADERS) {
      const value = headers.get(name);
      if (value !== null) outgoing.set(name, value);
    }
    if (forwardAddress && address !== undefined) outgoing.set('x-forwarded-for', address);
    let response: Response;
    try {
      response = await access.fetch(url.href, {
        method,
        headers: outgoing,
        redirect: 'manual',
        signal,
        ...(body === undefined || body.byteLength === 0 ? {} : { body }),
      });
    } catch (error) {
      throw explain(error);
    }
    if (response.status === 401) {
      await response.body?.cancel().catch(() => undefined);
      throw ended();
    }
    const answered = new Headers({ 'cache-control': 'no-store' });
    for (const name of RESPONSE_HEADERS) {
      const value = response.headers.get(name);
      if (value !== null) answered.set(name, value);
    }
    const empty = response.status === 204 || response.status === 304;
    return new Response(empty ? null : response.body, { status: response.status, headers: answered });
  };
}

function explain(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (error instanceof TokenAcquisitionError && (error.credentialRefused || code === 'invalid_client')) {
    return ended();
  }
  if (error instanceof Error && error.name === 'AbortError') return error;
  return new ConsoleProblem(
    503,
    'administration_unavailable',
    'The administrative API cannot be reached. See whether the authorization server runs, then try again.',
    5,
  );
}

function ended(): ConsoleProblem {
  return new ConsoleProblem(
    401,
    'session_ended',
    'The authorization server no longer accepts the credential of this session: it was rotated, disabled or deleted. Sign in again.',
  );
}
