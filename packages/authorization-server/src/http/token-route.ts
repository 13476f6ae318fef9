import type { IncomingMessage, ServerResponse } from 'node:http';

import { PATHS } from '../endpoints.ts';
import type { ReportEvent } from '../events.ts';
import type { Route } from './documents.ts';
import { refuseTokenRequest } from './refuse-token-request.ts';
import { judgeTokenRequestForm } from './token-request-form.ts';

/** Hands a token request to the engine. */
export type EngineHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Makes the route of the token endpoint: what has not the form of a token request is refused here, the rest
 * is the engine's.
 *
 * @param engine - the engine's handler
 * @param report - receives refusals
 */
export function createTokenRoute(engine: EngineHandler, report: ReportEvent): Route {
  return (request, response) => {
    const refusal = judgeTokenRequestForm(request);
    if (refusal !== undefined) {
      refuseTokenRequest(request, response, refusal, report);
      return;
    }
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Wherever this server is mounted, the engine knows one path.
    request.url = PATHS.token;
    engine(request, response);
  };
}
