import type { IncomingMessage, ServerResponse } from 'node:http';

import { PATHS } from '../endpoints.ts';
import type { ReportEvent } from '../events.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import { sendRefusal, type Route } from './documents.ts';

/** Largest token request that is read; the engine stops reading one of unknown length a little later. */
const MAX_REQUEST_BYTES = 48 * 1024;

/** Hands a token request to the engine. */
export type EngineHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Makes the route of the token endpoint: what is no token request is refused here, the rest is the engine's.
 *
 * @param engine - the engine's handler
 * @param report - receives refusals
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 | RFC 6749 §3.2}
 */
export function createTokenRoute(engine: EngineHandler, report: ReportEvent): Route {
  return (request, response) => {
    if (request.method !== 'POST') {
      refuse(request, response, 405, 'method_not_allowed', 'tokens are requested by POST', { Allow: 'POST' });
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) {
      // The rest of the body is not waited for.
      const detail = `a token request has at most ${MAX_REQUEST_BYTES} bytes`;
      refuse(request, response, 413, 'request_too_large', detail, { Connection: 'close' });
      return;
    }
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Wherever this server is mounted, the engine knows one path.
    request.url = PATHS.token;
    engine(request, response);
  };

  function refuse(
    request: IncomingMessage,
    response: ServerResponse,
    status: number,
    reason: TokenRefusalReason,
    detail: string,
    headers: Readonly<Record<string, string>>,
  ): void {
    const error = 'invalid_request';
    sendRefusal(response, status, error, detail, headers);
    const { remoteAddress } = request.socket;
    report({ type: 'token_refused', clientId: undefined, status, error, reason, detail, remoteAddress });
  }
}
