import { createTestAuthority, type TestAuthority, type TestAuthorityOptions } from '@mcp-m2m/testing';
import { decodeJwt } from 'jose';
import { onTestFinished } from 'vitest';
import {
  clientSecretBasic,
  type TokenEvent,
  type TokenRequestEvent,
  type TokenSourceOptions,
} from '../../src/client/index.ts';
import { formatChallenge } from '../../src/www-authenticate.ts';
import { startLoopbackServer, type Answer, type ReceivedRequest } from '../loopback-server.ts';

export const CLIENT_ID = 'nightly-report';
export const SECRET = 'a secret with % and + and : and ü';
export const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

/** An authorization server, a protected server, and a client registered with a secret. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly origin: string;
  readonly resource: string;
  /** Everything that reached the protected server, metadata requests included. */
  readonly requests: ReceivedRequest[];
  /** Calls without a token by which discovery asks for a challenge. */
  challengeCalls(): ReceivedRequest[];
  /** All other requests to the MCP endpoint and below. */
  calls(): ReceivedRequest[];
  /** Parameters of the challenge beside `resource_metadata`; `undefined` has those calls answered with 503. */
  challenge: Record<string, string> | undefined;
  /** Members of the protected resource metadata; `undefined` removes one. */
  metadata: Record<string, unknown>;
  /** Answers calls instead of the server's own judgement, if it returns something. */
  answer: (request: ReceivedRequest) => Answer | undefined | Promise<Answer | undefined>;
  /** Tokens that the server refuses with 401. */
  readonly revoked: Set<string>;
  readonly events: TokenEvent[];
  /** The token requests among the events, as `reason outcome`. */
  acquisitions(): string[];
  /** Options for a source on the authority's clock. */
  readonly options: TokenSourceOptions;
}

export interface SceneOptions extends TestAuthorityOptions {
  /** Scopes that the client may have. */
  readonly clientScopes?: readonly string[];
}

/**
 * Sets the scene. The server takes any token of the right audience; a path below the endpoint that is named
 * for a scope (`/mcp/deploy:write`) wants that scope too.
 */
export async function createScene({ clientScopes, ...options }: SceneOptions = {}): Promise<Scene> {
  const authority = await createTestAuthority(options);
  onTestFinished(() => authority.close());
  authority.registerClient({
    clientId: CLIENT_ID,
    secret: SECRET,
    ...(clientScopes === undefined ? {} : { scopes: clientScopes }),
  });
  const revoked = new Set<string>();
  const server = await startLoopbackServer(async (request) => {
    const { pathname } = new URL(request.url, server.origin);
    if (pathname === '/.well-known/oauth-protected-resource/mcp') return { json: scene.metadata };
    if (pathname !== '/mcp' && !pathname.startsWith('/mcp/')) return { status: 404 };
    if (isChallengeCall(request)) return scene.challenge === undefined ? { status: 503 } : judge(request, '');
    return (
      (await scene.answer(request)) ?? judge(request, decodeURIComponent(pathname.slice('/mcp/'.length)))
    );
  });
  const resource = `${server.origin}/mcp`;
  const resourceMetadata = `${server.origin}/.well-known/oauth-protected-resource/mcp`;

  function judge(request: ReceivedRequest, scope: string): Answer {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const claims = token === undefined || revoked.has(token) ? undefined : decodeJwt(token);
    const refuse = (status: number, parameters: Record<string, string>): Answer => ({
      status,
      headers: {
        'www-authenticate': formatChallenge('Bearer', { ...parameters, resource_metadata: resourceMetadata }),
      },
      json: { refused: status },
    });
    if (claims === undefined)
      return refuse(401, token === undefined ? { ...scene.challenge } : { error: 'invalid_token' });
    if (claims.aud !== resource) return refuse(401, { error: 'invalid_token' });
    const scopes = (typeof claims.scope === 'string' ? claims.scope : '').split(' ');
    if (scope !== '' && !scopes.includes(scope)) return refuse(403, { error: 'insufficient_scope', scope });
    return { json: { echo: request.body, scopes } };
  }

  const events: TokenEvent[] = [];
  const scene: Scene = {
    authority,
    origin: server.origin,
    resource,
    requests: server.requests,
    challengeCalls: () => server.requests.filter(isChallengeCall),
    calls: () =>
      server.requests.filter((request) => request.url.startsWith('/mcp') && !isChallengeCall(request)),
    challenge: {},
    metadata: { resource, authorization_servers: [authority.issuer] },
    answer: () => undefined,
    revoked,
    events,
    acquisitions: () =>
      events
        .filter((event): event is TokenRequestEvent => event.type === 'token_request')
        .map(({ reason, outcome }) => `${reason} ${outcome}`),
    options: {
      resource,
      issuer: authority.issuer,
      clientId: CLIENT_ID,
      authentication: clientSecretBasic({ clientSecret: SECRET }),
      now: authority.now,
      onEvent: (event) => events.push(event),
    },
  };
  return scene;
}

function isChallengeCall({ method, url, headers, body }: ReceivedRequest): boolean {
  return method === 'POST' && url === '/mcp' && headers.authorization === undefined && body === PING;
}

/** Requests in the order they came, as method and path. */
export function trace(requests: readonly ReceivedRequest[]): string[] {
  return requests.map(({ method, url }) => `${method} ${url}`);
}

/** Every token request that reached the authority, as its parameters. */
export function tokenRequests(scene: Scene): URLSearchParams[] {
  return scene.authority.endpoints.token.requests.map(({ body }) => new URLSearchParams(body));
}

/** The `scope` of every token request that reached the authority; `null` where it was left out. */
export function requestedScopes(scene: Scene): (string | null)[] {
  return tokenRequests(scene).map((request) => request.get('scope'));
}
