import { formatChallenge } from '../www-authenticate.ts';
import type { Operations } from './access/operations.ts';
import { wireErrorOf, type RefusalReason, type WireError } from './refusal-reason.ts';

/** A request that must not be served: what the adapter writes, and what the operator's log gets. */
export interface Refusal {
  readonly ok: false;
  readonly status: number;
  /** Response headers, `Content-Type` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The response's body: OAuth JSON before the body was read, JSON-RPC after. */
  readonly body: string;
  /** Stable code for logs. */
  readonly reason: RefusalReason;
  /** The sentence for the peer, as it stands in the body. */
  readonly description: string;
  /** What would have been accepted; for the operator alone. */
  readonly expected: string | undefined;
  /** What came instead; for the operator alone. */
  readonly received: string | undefined;
}

/** What a refusal is made of. */
export interface RefusalDetails {
  readonly reason: RefusalReason;
  /** A sentence that is safe and helpful on the wire. */
  readonly description: string;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
  /** Scopes to name in the challenge. */
  readonly scopes?: readonly string[];
  readonly retryAfterSeconds?: number | undefined;
  /** Further response headers. */
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
  /** The request's messages, once they are known: the body of the refusal is then JSON-RPC. */
  readonly operations?: Operations;
  /** Members of `data` in the JSON-RPC error. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What every challenge of one resource server says. */
export interface ChallengeSurroundings {
  readonly resourceMetadataUrl: string;
  /** Algorithms of DPoP proofs, where DPoP is offered. */
  readonly dpopAlgorithms: readonly string[] | undefined;
  /** Whether a challenge without credentials names DPoP beside Bearer, or alone. */
  readonly dpopChallenge: 'never' | 'beside' | 'alone';
}

/**
 * Writes a refusal: status, challenge and body.
 *
 * @param scheme - the scheme of the credentials that were refused; `undefined` where there were none
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 | RFC 6750 §3},
 *   {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 | RFC 9449 §7.1},
 *   {@link https://www.rfc-editor.org/rfc/rfc9728#section-5.1 | RFC 9728 §5.1}
 */
export function createRefusal(
  surroundings: ChallengeSurroundings,
  details: RefusalDetails,
  scheme: 'Bearer' | 'DPoP' | undefined,
): Refusal {
  const { reason, description } = details;
  const wire = wireErrorOf(reason);
  const headers: Record<string, string> = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  if (wire.status === 401 || wire.status === 403 || wire.error === 'invalid_request') {
    headers['WWW-Authenticate'] = createChallenges(surroundings, details, wire, scheme);
  }
  if (wire.status === 503) headers['Retry-After'] = String(details.retryAfterSeconds ?? 5);
  const body =
    wire.jsonRpcCode === undefined
      ? { error: wire.error, error_description: description }
      : jsonRpcError(wire.jsonRpcCode, description, details);
  return {
    ok: false,
    status: wire.status,
    headers: { ...headers, ...details.responseHeaders },
    body: JSON.stringify(body),
    reason,
    description,
    expected: details.expected,
    received: details.received,
  };
}

/** Where there are several challenges, Bearer comes first: some clients read the first alone. */
function createChallenges(
  { resourceMetadataUrl, dpopAlgorithms, dpopChallenge }: ChallengeSurroundings,
  { description, scopes = [] }: RefusalDetails,
  { error }: WireError,
  scheme: 'Bearer' | 'DPoP' | undefined,
): string {
  const parameters = {
    error,
    error_description: error === undefined ? undefined : description,
    scope: scopes.length > 0 ? scopes.join(' ') : undefined,
    resource_metadata: resourceMetadataUrl,
  };
  const algs = dpopAlgorithms?.join(' ');
  const onlyDpop = formatChallenge('DPoP', { ...parameters, algs });
  // What is offered decides before what was sent: a scheme that is not taken is not asked for again.
  if (dpopChallenge === 'alone' || (scheme === 'DPoP' && dpopAlgorithms !== undefined)) return onlyDpop;
  const bearer = formatChallenge('Bearer', parameters);
  return scheme === undefined && dpopChallenge === 'beside'
    ? `${bearer}, ${formatChallenge('DPoP', { algs })}`
    : bearer;
}

function jsonRpcError(code: number, message: string, { reason, operations, data }: RefusalDetails): object {
  return {
    jsonrpc: '2.0',
    ...idOf(operations),
    error: { code, message, data: { reason, ...data } },
  };
}

/** A batch is refused as a whole, by one error that belongs to none of its members. */
function idOf(operations: Operations | undefined): { readonly id?: string | number } {
  const id = operations?.batch === false ? operations.operations[0]?.id : undefined;
  return id === undefined ? {} : { id };
}
