import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';

import type { ConsoleReport } from '../console-events.ts';
import type { ConsoleCookie } from '../http/session-cookie.ts';
import { ConsoleProblem } from '../http/problem.ts';
import type { AdminAccess, AdminCredential } from '../sign-in/admin-access.ts';
import type { Session, Sessions } from '../sign-in/sessions.ts';
import type { SignInThrottle } from '../sign-in/sign-in-throttle.ts';
import { answer, answering, answeringNothing, body } from './answers.ts';
import type { ApiContext, ApiEnvironment } from './api-environment.ts';

const SessionState = z
  .object({
    issuer: z.string(),
    openId: z
      .object({ label: z.string(), path: z.string() })
      .optional()
      .openapi({ description: 'Where people can sign in' }),
    signedIn: z
      .object({
        kind: z.enum(['administrator', 'person']),
        name: z.string(),
        scopes: z.array(z.string()),
        endsAt: z.iso.datetime(),
      })
      .optional(),
  })
  .openapi('SessionState');

const SignIn = z
  .strictObject({ clientId: z.string().min(1).max(200), clientSecret: z.string().min(1).max(1000) })
  .openapi('SignIn');

/** Dependencies of {@link addSessionRoutes}. */
export interface SessionRoutesDependencies {
  readonly issuer: string;
  readonly sessions: Sessions;
  readonly cookie: ConsoleCookie;
  readonly lifetimeSeconds: number;
  readonly throttle: SignInThrottle;
  readonly openId: { readonly label: string; readonly path: string } | undefined;
  readonly openAccess: (credential: AdminCredential, address: string | undefined) => Promise<AdminAccess>;
  readonly addressOf: (c: ApiContext) => string | undefined;
  readonly report: (report: ConsoleReport) => void;
}

const tags = ['Session'];

/** Signing in by the credential of an administrator, and signing out. */
export function addSessionRoutes(
  app: OpenAPIHono<ApiEnvironment>,
  dependencies: SessionRoutesDependencies,
): void {
  const { issuer, sessions, cookie, throttle, openId, openAccess, addressOf, report } = dependencies;
  const stateOf = (session: Session | undefined) => ({
    issuer,
    openId,
    signedIn:
      session === undefined
        ? undefined
        : {
            kind: session.kind,
            name: session.name,
            scopes: session.access.scopes,
            endsAt: new Date(session.endsAt).toISOString(),
          },
  });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/session',
      operationId: 'getSession',
      summary: 'Who is signed in, and how one signs in',
      tags,
      responses: answering(SessionState, 'The session'),
    }),
    (c) => answer(c, stateOf(c.get('session'))),
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/session',
      operationId: 'signIn',
      summary: 'Sign in by the credential of an administrator; it stays on the server',
      tags,
      request: { body: body(SignIn) },
      responses: answering(SessionState, 'The session', 201),
    }),
    async (c) => {
      const credential = c.req.valid('json');
      const { clientId } = credential;
      const remoteAddress = addressOf(c);
      throttle.admit(remoteAddress, clientId);
      let access: AdminAccess;
      try {
        access = await openAccess(credential, remoteAddress);
      } catch (error) {
        if (error instanceof ConsoleProblem && (error.status === 401 || error.status === 403)) {
          throttle.failed(remoteAddress, clientId);
          report({ type: 'sign_in_refused', reason: error.code, remoteAddress });
        }
        throw error;
      }
      throttle.succeeded(remoteAddress, clientId);
      sessions.close(cookie.read(c.req.header('cookie')));
      const value = sessions.open({ kind: 'administrator', subject: clientId, name: clientId, access });
      report({ type: 'signed_in', kind: 'administrator', subject: clientId, remoteAddress });
      c.header('Set-Cookie', cookie.set(value, dependencies.lifetimeSeconds));
      return answer(c, stateOf(sessions.find(value)), 201);
    },
  );
  app.openapi(
    createRoute({
      method: 'delete',
      path: '/session',
      operationId: 'signOut',
      summary: 'Sign out',
      tags,
      responses: answeringNothing,
    }),
    (c) => {
      const session = c.get('session');
      sessions.close(cookie.read(c.req.header('cookie')));
      if (session !== undefined) {
        report({ type: 'signed_out', subject: session.subject, remoteAddress: addressOf(c) });
      }
      c.header('Set-Cookie', cookie.clear());
      return c.body(null, 204) as never;
    },
  );
}
