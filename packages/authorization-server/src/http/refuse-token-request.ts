import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ReportEvent } from '../events.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
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
export function refuseTokenRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { status, error = 'invalid_request', reason, detail, headers }: EarlyRefusal,
  report: ReportEvent,
): void {
  sendRefusal(response, status, error, detail, headers);
  const { remoteAddress } = request.socket;
  report({ type: 'token_refused', clientId: undefined, status, error, reason, detail, remoteAddress });
}
