import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ReportEvent } from '../events.ts';
import type { ClientAddress } from './client-address.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import { refusalEvent } from '../provider/internal-grants.ts';
import { sendRefusal } from './documents.ts';

/** Why a token request is refused before anything in its body is looked at. */
export interface EarlyRefusal {
  readonly status: number;
  /** `invalid_request` unless given. */
  readonly error?: string;
  readonly reason: TokenRefusalReason;
  /** For the client and the operator alike. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a token request with a refusal and reports it. */
export type RefuseTokenRequest = (
  request: IncomingMessage,
  response: ServerResponse,
  refusal: EarlyRefusal,
) => void;

/**
 * Makes the function that refuses token requests.
 *
 * @param report - receives the refusals
 * @param clientAddress - tells where a request came from
 */
export function createTokenRequestRefusal(
  report: ReportEvent,
  clientAddress: ClientAddress,
): RefuseTokenRequest {
  return (request, response, { status, error = 'invalid_request', reason, detail, headers }) => {
    sendRefusal(response, status, error, detail, headers);
    const remoteAddress = clientAddress(request);
    const refused = { clientId: undefined, status, error, reason, detail, remoteAddress };
    report(refusalEvent(request, refused));
  };
}
