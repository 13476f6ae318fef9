import type { IncomingMessage, ServerResponse } from 'node:http';

import { PATHS } from '../endpoints.ts';
import type { Route } from './documents.ts';
import type { EarlyRefusal, RefuseTokenRequest } from './refuse-token-request.ts';
import { judgeTokenRequestForm } from './token-request-form.ts';

/** Hands a token request to the engine. */
export type EngineHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Dependencies of {@link createTokenRoute}. */
export interface TokenRouteDependencies {
  readonly engine: EngineHandler;
  readonly refuse: RefuseTokenRequest;
  /** How long a request may take to arrive. */
  readonly timeoutSeconds: number;
}

/**
 * Makes the route of the token endpoint: what has not the form of a token request, or does not arrive in time,
 * is refused here, the rest is the engine's.
 */
export function createTokenRoute({ engine, refuse, timeoutSeconds }: TokenRouteDependencies): Route {
  return (request, response) => {
    const refusal = judgeTokenRequestForm(request);
    if (refusal !== undefined) {
      refuse(request, response, refusal);
      return;
    }
    response.setHeader('X-Content-Type-Options', 'nosniff');
    // Wherever this server is mounted, the engine knows one path.
    request.url = PATHS.token;
    if (!request.readable) {
      engine(request, response);
      return;
    }
    const timer = setTimeout(() => {
      if (!response.headersSent) refuse(request, response, TOO_SLOW);
      // The engine, which waits for the rest, is told that there is none.
      response.once('close', () => request.destroy());
    }, timeoutSeconds * 1000);
    request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
    engine(request, response);
  };
}

const TOO_SLOW: EarlyRefusal = {
  status: 408,
  reason: 'request_timed_out',
  detail: 'the token request did not arrive in time',
  headers: { Connection: 'close' },
};
