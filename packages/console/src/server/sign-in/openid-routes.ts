import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ConsoleReport } from '../console-events.ts';
import { ConsoleProblem } from '../http/problem.ts';
import type { ConsoleCookie } from '../http/session-cookie.ts';
import type { AdminAccess } from './admin-access.ts';
import { OPENID_SIGN_IN_SECONDS, type OpenIdSignIn } from './openid-sign-in.ts';
import type { Sessions } from './sessions.ts';

/** Dependencies of {@link createOpenIdRoutes}. */
export interface OpenIdRoutesDependencies {
  readonly signIn: OpenIdSignIn;
  /** Where browsers find the console, with its path. */
  readonly base: string;
  readonly sessions: Sessions;
  readonly cookie: ConsoleCookie;
  /** Ties the way back from the provider to the browser that went there. */
  readonly pendingCookie: ConsoleCookie;
  readonly lifetimeSeconds: number;
  /** The console's own way to the administrative API. */
  readonly openAccess: (address: string | undefined) => Promise<AdminAccess>;
  readonly addressOf: (request: IncomingMessage) => string | undefined;
  readonly report: (report: ConsoleReport) => void;
}

/** Answers a request for a path below the console's, and says whether there is something there. */
export type OpenIdRoutes = (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<boolean>;

/** Makes the two stations of signing in at the OpenID provider: the way there, and the way back. */
export function createOpenIdRoutes(dependencies: OpenIdRoutesDependencies): OpenIdRoutes {
  const { signIn, base, sessions, cookie, pendingCookie, openAccess, addressOf, report } = dependencies;

  return async (path, request, response) => {
    if (request.method !== 'GET') return false;
    response.setHeader('Cache-Control', 'no-store');
    if (path === '/sign-in/openid') {
      const begun = await signIn.start();
      if (typeof begun === 'string') return fail(request, response, begun);
      response.setHeader('Set-Cookie', pendingCookie.set(begun.cookie, OPENID_SIGN_IN_SECONDS));
      return redirect(response, begun.location);
    }
    if (path !== '/sign-in/openid/callback') return false;
    const url = new URL(`${base}${path}${new URL(request.url ?? '/', 'http://localhost').search}`);
    const person = await signIn.finish(pendingCookie.read(request.headers.cookie), url);
    response.appendHeader('Set-Cookie', pendingCookie.clear());
    if (typeof person === 'string') return fail(request, response, person);
    let access: AdminAccess;
    try {
      access = await openAccess(addressOf(request));
    } catch (error) {
      if (!(error instanceof ConsoleProblem)) throw error;
      return fail(request, response, 'administrator_unavailable');
    }
    const { subject, name } = person;
    sessions.close(cookie.read(request.headers.cookie));
    const value = sessions.open({ kind: 'person', subject, name, access });
    response.appendHeader('Set-Cookie', cookie.set(value, dependencies.lifetimeSeconds));
    report({ type: 'signed_in', kind: 'person', subject, remoteAddress: addressOf(request) });
    return redirect(response, `${base}/`);
  };

  function fail(request: IncomingMessage, response: ServerResponse, reason: string): true {
    report({ type: 'sign_in_refused', reason, remoteAddress: addressOf(request) });
    return redirect(response, `${base}/#/sign-in-failed/${reason}`);
  }
}

function redirect(response: ServerResponse, location: string): true {
  response.writeHead(302, { Location: location }).end();
  return true;
}
