import type { Caller, HttpAnswer, ResourceServer } from '../server/index.ts';
import { bodyRefusalReason } from '../server/request-body-bytes.ts';
import { toIncomingRequest } from './incoming-request.ts';
import { createProtectedRequest, type ProtectedRequest } from './protected-request.ts';
import { readRequestBody } from './request-body.ts';
import { restoreBody } from './restored-request.ts';
import { toResponse } from './web-response.ts';

/** A request that must not be served, and what to answer. */
export interface RefusedRequest {
  readonly ok: false;
  readonly response: Response;
}

/** What {@link protectRequest} is told beside the request. */
export interface ProtectRequestOptions {
  /** The body, where somebody has read it already; not believed where nobody has. */
  readonly parsedBody?: unknown;
  /** The client's TLS certificate as DER, where the runtime tells. Default: none. */
  readonly clientCertificate?: Uint8Array | undefined;
  /** Told of every object that stands for a request which may be served: the one that came, and the one rebuilt. */
  readonly onPass?: (request: Request, caller: Caller) => void;
}

/**
 * Takes a `Request` through both steps of a resource server: the caller first, then, and only then, the body and what
 * it asks for.
 *
 * The body, at most 4 MiB of it, is read and given back to the request. To tie a session that the response opens to
 * its caller is up to {@link ProtectedRequest.finish}.
 */
export async function protectRequest(
  server: ResourceServer,
  request: Request,
  { parsedBody, clientCertificate, onPass = () => undefined }: ProtectRequestOptions = {},
): Promise<ProtectedRequest | RefusedRequest> {
  const incoming = toIncomingRequest(request, clientCertificate);
  const verdict = server.answerPreflight(incoming) ?? server.authenticate(incoming);
  const authenticated = verdict instanceof Promise ? await verdict : verdict;
  if (!('caller' in authenticated)) return refuse(authenticated);
  const body = await readRequestBody(request, parsedBody);
  if (body.fault !== undefined) return refuse(authenticated.refuseBody(bodyRefusalReason(body.fault)));
  const authorized = authenticated.authorize(body.value);
  if (!authorized.ok) return refuse(authorized);
  const { caller } = authenticated;
  const rebuild = body.bytes === undefined ? () => request : restoreBody(request, body.bytes);
  onPass(request, caller);
  return createProtectedRequest(authenticated, body.value, () => {
    const rebuilt = rebuild();
    onPass(rebuilt, caller);
    return rebuilt;
  });
}

function refuse(answer: HttpAnswer): RefusedRequest {
  return { ok: false, response: toResponse(answer) };
}
