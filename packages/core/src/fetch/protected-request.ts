import type { Authenticated, Caller } from '../server/index.ts';
import { opensSession, SESSION_HEADER } from '../server/session-header.ts';
import { addHeaders } from './web-response.ts';

/** A request that may be served. */
export interface ProtectedRequest {
  readonly ok: true;
  readonly caller: Caller;
  /** Headers that the response must carry; {@link ProtectedRequest.finish} sees to it. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The request, to be read or handed on: rebuilt from the bytes that were judged, when it is first asked for. One
   * that came without a body is the request itself.
   */
  readonly request: Request;
  /** The value that was judged: the handler must be given this one. `undefined` without a body. */
  readonly parsedBody: unknown;
  /** Adds the headers to the response, and ties a session that it opens to the caller. To be called for each. */
  readonly finish: (response: Response) => Response;
}

/** A class for its getter: one in a literal gives every object a shape of its own, at half the price of a request. */
class RequestThatPassed implements ProtectedRequest {
  readonly ok = true;
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
  readonly parsedBody: unknown;
  readonly finish: ProtectedRequest['finish'];
  readonly #rebuild: () => Request;

  constructor({ caller, headers, bindSession }: Authenticated, parsedBody: unknown, rebuild: () => Request) {
    this.caller = caller;
    this.headers = headers;
    this.parsedBody = parsedBody;
    this.#rebuild = rebuild;
    this.finish = (response) => {
      const session = opensSession(parsedBody) ? response.headers.get(SESSION_HEADER) : null;
      if (session !== null) bindSession(session);
      return addHeaders(response, headers);
    };
  }

  get request(): Request {
    return this.#rebuild();
  }
}

/** @param rebuild - makes the request anew, once */
export function createProtectedRequest(
  authenticated: Authenticated,
  parsedBody: unknown,
  rebuild: () => Request,
): ProtectedRequest {
  return new RequestThatPassed(authenticated, parsedBody, rebuild);
}
