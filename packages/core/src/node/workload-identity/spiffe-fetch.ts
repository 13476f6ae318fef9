import { AssertionSourceError } from '../../client/grants/assertion-source.ts';
import { printable } from '../../printable-text.ts';
import { GrpcCallError, callGrpc } from './grpc-call.ts';
import type { SpiffeEndpoint } from './spiffe-endpoint.ts';
import {
  FETCH_JWT_SVID_PATH,
  decodeJwtSvidResponse,
  encodeJwtSvidRequest,
  type JwtSvid,
} from './spiffe-workload-api.ts';

/** The most that is read of an answer: dozens of identities. */
const MAX_ANSWER_BYTES = 262_144;

/** What is asked of a Workload API. */
export interface JwtSvidQuestion {
  /** Name of the source, and where it asks, for messages. */
  readonly source: string;
  readonly from: string;
  readonly endpoint: SpiffeEndpoint;
  readonly audience: string;
  readonly spiffeId: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a Workload API for the workload's JWT-SVIDs.
 *
 * @throws AssertionSourceError, or the signal's reason
 */
export async function fetchJwtSvids(question: JwtSvidQuestion): Promise<JwtSvid[]> {
  const { source, from, endpoint, audience, spiffeId, signal } = question;
  const fail = (received: string, hint: string, passing = true): AssertionSourceError =>
    new AssertionSourceError(source, { from, expected: 'JWT-SVIDs', received, hint, passing });
  try {
    const result = await callGrpc({
      endpoint,
      path: FETCH_JWT_SVID_PATH,
      // Kept from those who can make a program fetch addresses, but not with headers of their choice.
      metadata: { 'workload.spiffe.io': 'true' },
      message: encodeJwtSvidRequest(audience, spiffeId),
      maxBytes: MAX_ANSWER_BYTES,
      signal,
    });
    if ('message' in result) return decodeJwtSvidResponse(result.message);
    const { name = 'an unknown status', hint = AGENT_HINT, passing } = STATUSES.get(result.status) ?? {};
    const said = result.statusMessage === '' ? '' : `, ${printable(withoutTokens(result.statusMessage))}`;
    throw fail(`${name} (gRPC status ${result.status}${said})`, hint, passing);
  } catch (error) {
    if (error instanceof AssertionSourceError || signal.aborted) throw error;
    // A decoder's message may quote what it decodes.
    const received = error instanceof GrpcCallError ? error.message : 'a message that cannot be read';
    throw fail(received, 'Is the address that of a SPIFFE Workload API, and does its agent run?');
  }
}

const AGENT_HINT = "See the agent's log.";

/** What the specification says of each, and whether to ask again. */
const STATUSES: ReadonlyMap<number, { name: string; hint?: string; passing?: boolean }> = new Map([
  [
    3,
    {
      name: 'InvalidArgument',
      hint: 'The agent does not take the audience or the identity.',
      passing: false,
    },
  ],
  [4, { name: 'DeadlineExceeded' }],
  [
    7,
    {
      name: 'PermissionDenied',
      hint: 'Register this workload with the identity; a fresh registration takes a while to arrive.',
    },
  ],
  [
    12,
    {
      name: 'Unimplemented',
      hint: 'The agent serves no JWT-SVIDs: is the profile disabled?',
      passing: false,
    },
  ],
  [13, { name: 'Internal' }],
  [14, { name: 'Unavailable', hint: 'Does the agent reach its server?' }],
]);

/** Whatever is long and without spaces may be a token, whole or in part. */
function withoutTokens(text: string): string {
  return text.replaceAll(/[\w.+=~-]{24,}/g, '[concealed]');
}
