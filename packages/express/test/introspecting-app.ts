import { clientSecretBasic } from '@mcp-m2m/core/server';
import type { McpAuthOptions } from '@mcp-m2m/express';
import { createTestAuthority, type EndpointAnswer, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, expect } from 'vitest';
import { RESOURCE, send, startProtectedApp, type ProtectedApp } from './protected-app.ts';

/** What the protected server is called at the authority, and how it proves it. */
export const CLIENT_ID = 'deploy-desk';
export const SECRET = 'canary-3f9Qz7XbW0aKcV5mN8pRtY2uL6sDhG4j';

export type Server = Exclude<McpAuthOptions['authorizationServers'][number], string>;
export type Introspection = NonNullable<Server['introspection']>;

/** The authority and the server of the current test. */
export const scene: { authority: TestAuthority; app: ProtectedApp } = {} as never;

/** Sets up an authority whose clock stands still, and a server that asks it about opaque tokens, for each test. */
export function setUpIntrospection(introspection: Partial<Introspection> = {}): void {
  beforeEach(async () => {
    const startedAt = Date.now();
    scene.authority = await createTestAuthority({
      audience: RESOURCE,
      scope: 'deploy:read',
      now: () => startedAt,
    });
    scene.authority.registerClient({ clientId: CLIENT_ID, secret: SECRET });
    scene.app = await start(introspecting(introspection));
  });

  afterEach(async () => {
    await scene.app[Symbol.asyncDispose]();
    await scene.authority.close();
  });
}

/** The server's configuration, with these introspection options added. */
export function introspecting(
  introspection: Partial<Introspection> = {},
  rest: Partial<Server> = {},
): Server {
  const authentication = clientSecretBasic({ clientSecret: SECRET });
  return {
    issuer: scene.authority.issuer,
    introspection: { clientId: CLIENT_ID, authentication, ...introspection },
    ...rest,
  };
}

export const start = (
  server = introspecting(),
  options: Partial<McpAuthOptions> = {},
): Promise<ProtectedApp> =>
  startProtectedApp({
    authorizationServers: [server],
    now: scene.authority.now,
    timeoutMilliseconds: 2000,
    ...options,
  });

/** How many questions reached the authority. */
export const questions = (): number => scene.authority.endpoints.introspection.requests.length;

/** Fails, rather than waits, when the answer takes three seconds. */
export const ask = (token: string, to = scene.app, body?: unknown): Promise<Response> =>
  send(to, `Bearer ${token}`, body, { signal: AbortSignal.timeout(3000) });

export async function expectServed(token: string, to = scene.app): Promise<void> {
  const response = await ask(token, to);
  expect(response.status).toBe(200);
  await response.text();
  to.callers.length = 0;
}

/** An active answer, with these members added or replaced; `undefined` removes one. */
export const active = (members: Readonly<Record<string, unknown>> = {}): EndpointAnswer => ({
  json: {
    active: true,
    token_type: 'Bearer',
    iss: scene.authority.issuer,
    aud: RESOURCE,
    client_id: 'job',
    sub: 'job',
    scope: 'deploy:read',
    exp: Math.floor(scene.authority.now() / 1000) + 300,
    ...members,
  },
});

export const answerWith = (answer: EndpointAnswer): void =>
  scene.authority.endpoints.introspection.answerWith(answer);
