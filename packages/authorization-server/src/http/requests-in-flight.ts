import type { Route } from './documents.ts';
import type { EarlyRefusal, RefuseTokenRequest } from './refuse-token-request.ts';

/** Knows the token requests being answered. */
export interface RequestsInFlight {
  /** Makes a route whose requests are counted, and refused once stopped. */
  track(route: Route): Route;
  /** Refuses further requests, and resolves once the begun ones are over, or the time is. */
  stop(withinSeconds: number): Promise<void>;
}

const STOPPING: EarlyRefusal = {
  status: 503,
  error: 'temporarily_unavailable',
  reason: 'server_stopping',
  detail: 'the authorization server is stopping',
  headers: { 'Retry-After': '5', Connection: 'close' },
};

/**
 * Makes a counter of token requests, so that what they use is not closed under them.
 *
 * @param refuse - answers the refused ones
 */
export function createRequestsInFlight(refuse: RefuseTokenRequest): RequestsInFlight {
  let count = 0;
  let stopped: (() => void) | undefined;
  return {
    track: (route) => (request, response) => {
      if (stopped !== undefined) {
        refuse(request, response, STOPPING);
        return;
      }
      count++;
      response.once('close', () => {
        count--;
        if (count === 0) stopped?.();
      });
      route(request, response);
    },
    async stop(withinSeconds) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinSeconds * 1000);
        stopped = () => {
          clearTimeout(timer);
          resolve();
        };
        if (count === 0) stopped();
      });
    },
  };
}
