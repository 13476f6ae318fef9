import { sendRefusal, type Route } from './documents.ts';

/** Knows the requests being answered. */
export interface RequestsInFlight {
  /** Makes a route whose requests are counted, and refused once stopped. */
  track(route: Route): Route;
  /** Refuses further requests, and resolves once the begun ones are over, or the time is. */
  stop(withinSeconds: number): Promise<void>;
}

/** Makes a counter of requests, so that what they use is not closed under them. */
export function createRequestsInFlight(): RequestsInFlight {
  let count = 0;
  let stopped: (() => void) | undefined;
  return {
    track: (route) => (request, response) => {
      if (stopped !== undefined) {
        const headers = { 'Retry-After': '5', Connection: 'close' };
        sendRefusal(
          response,
          503,
          'temporarily_unavailable',
          'the authorization server is stopping',
          headers,
        );
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
